import type { Persona } from './personas.ts'

const remoteStops = ['RemoteStopTransaction', 'RequestStopTransaction']

/** Real models by the way they misbehave, as public trackers tell of them (models/vendors). */
export const modelPersonas = {
  'abb-terra-ac': {
    standsFor: 'ABB Terra AC 1.8.21: reading a setting makes it restart; profiles at level 0 only',
    is: { vendor: 'ABB', model: 'CDT_TACW22::NET_WIFI', firmware: 'TAC3Z9::V1.8.21' },
    rules: [
      {
        on: ['GetConfiguration'],
        where: { field: 'key', has: 'MeterValuesSampledData' },
        deed: { do: 'crash' },
      },
      {
        on: ['SetChargingProfile'],
        where: { field: 'csChargingProfiles.stackLevel', above: 0 },
        deed: { do: 'refuse' },
      },
    ],
  },
  'wallbox-6': {
    standsFor: 'Wallbox, firmware 6: CALLs are ignored until the boot is answered',
    is: { vendor: 'Wall Box Chargers', model: 'PLP2-M-2-4', firmware: '6.6.12' },
    rules: [{ on: 'all', whileUnbooted: true, deed: { do: 'ignore', acts: false } }],
  },
  'wallbox-pulsar-pro': {
    standsFor: 'Wallbox Pulsar Pro, firmware 6: no BootNotification until one is triggered',
    is: { vendor: 'Wall Box Chargers', model: 'PPR1-W-2-4', firmware: '6.1.2' },
    rules: [],
    bootsOnlyWhenAsked: true,
  },
  'wallbox-pulsar-old': {
    standsFor: 'Wallbox Pulsar, older: Relative profiles only, no unlocking',
    is: { vendor: 'Wall Box Chargers', model: 'PLP1-0-2-4', firmware: '5.5.10' },
    rules: [
      {
        on: ['SetChargingProfile'],
        where: { field: 'csChargingProfiles.chargingProfileKind', is: 'Absolute' },
        deed: { do: 'refuse' },
      },
      {
        on: ['UnlockConnector'],
        deed: { do: 'answer', payload: { status: 'NotSupported' }, acts: false },
      },
    ],
  },
  'grizzl-e-smart': {
    standsFor: 'Grizzl-E Smart 5: answers about unknown keys are cut off; no subprotocol header',
    is: { vendor: 'United Chargers', model: 'Grizzl-E Smart', firmware: 'v05.621' },
    rules: [],
    offersNoProtocol: true,
    rewrites: [{ of: 'answer', find: /"unknownKey":\[".*$/s, by: '"unknownKey":["' }],
  },
  'grizzl-e-connect': {
    standsFor: 'Grizzl-E Smart Connect: unlocks with the status Accepted, which is none',
    is: { vendor: 'United Chargers', model: 'Grizzl-E Smart Connect', firmware: '7.1.0' },
    rules: [
      {
        on: ['UnlockConnector'],
        deed: { do: 'answer', payload: { status: 'Accepted' }, acts: true },
      },
    ],
  },
  'grizzl-e-3': {
    standsFor: 'Grizzl-E 3.09: accepts a ChargePointMaxProfile and does nothing',
    is: { vendor: 'United Chargers', model: 'Grizzl-E', firmware: '3.09' },
    rules: [
      {
        on: ['SetChargingProfile'],
        where: { field: 'csChargingProfiles.chargingProfilePurpose', is: 'ChargePointMaxProfile' },
        deed: { do: 'pretend' },
      },
    ],
  },
  'mennekes-4business': {
    standsFor: 'Mennekes 4Business: refuses everything after RebootRequired until it is reset',
    is: { vendor: 'MENNEKES', model: 'Amtron 4Business', firmware: '1.4.0' },
    rules: [],
    locksAfterSettings: true,
  },
  'evbox-elvi': {
    standsFor: 'EVBox Elvi: drops early CALLs; one key a read; 25 tokens a list',
    is: { vendor: 'EV-BOX', model: 'Elvi', firmware: 'P0424B0424v0.220706' },
    rules: [
      { on: 'all', withinMs: 900, deed: { do: 'drop', acts: false } },
      {
        on: ['GetConfiguration'],
        where: { field: 'key', longerThan: 1 },
        deed: { do: 'ignore', acts: false },
      },
      {
        on: ['SendLocalList'],
        where: { field: 'localAuthorizationList', longerThan: 25 },
        deed: { do: 'refuse' },
      },
    ],
  },
  'entratek-power-dot': {
    standsFor: 'Entratek Power Dot Pro: no full list of settings, four keys a read',
    is: { vendor: 'UCHEN', model: 'DUOSIDA Mode3@11KW', firmware: 'V1.2@39f19d4+286' },
    rules: [
      { on: ['GetConfiguration'], withoutField: 'key', deed: { do: 'ignore', acts: false } },
      {
        on: ['GetConfiguration'],
        where: { field: 'key', longerThan: 4 },
        deed: { do: 'ignore', acts: false },
      },
    ],
  },
  'alfen-eve': {
    standsFor: 'Alfen Eve: meter values of a transaction 2^63-1, and ids that begin again',
    is: { vendor: 'Alfen BV', model: 'NG910-60023', firmware: '6.5.0-4217' },
    rules: [],
    messageIds: 'restarting',
    rewrites: [
      { of: 'MeterValues', find: /"transactionId":\d+/, by: '"transactionId":9223372036854775807' },
    ],
  },
  'schneider-evlink': {
    standsFor: 'Schneider EVlink: a serial number of 33 characters',
    is: { vendor: 'Schneider Electric', model: 'EVlink Smart Wallbox', firmware: '3.4.0.9' },
    rules: [],
    rewrites: [
      {
        of: 'BootNotification',
        find: /"chargePointSerialNumber":"[^"]*"/,
        by: '"chargeBoxSerialNumber":"EVB4A97P4KI6N50752917034236671276"',
      },
    ],
  },
  'huawei-scharger': {
    standsFor: 'Huawei SCharger: no vendor; watts only; 0 W ends the session',
    is: { vendor: '', model: 'ACChargePoint', firmware: 'T160' },
    rules: [
      {
        on: ['SetChargingProfile'],
        where: { field: 'csChargingProfiles.chargingSchedule.chargingRateUnit', is: 'A' },
        deed: { do: 'pretend' },
      },
      {
        on: ['SetChargingProfile'],
        where: {
          field: 'csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit',
          below: 1_380,
        },
        deed: { do: 'end-session' },
      },
    ],
  },
  'legrand-greenup': {
    standsFor: 'Legrand GreenUp: the errorCode Error',
    is: { vendor: 'Legrand', model: 'GreenUp', firmware: '4.1' },
    rules: [],
    rewrites: [{ of: 'StatusNotification', find: /"errorCode":"\w+"/, by: '"errorCode":"Error"' }],
  },
  'zj-beny': {
    standsFor: 'ZJ Beny: a comma too many in its meter values',
    is: { vendor: 'ZJBENY', model: 'BCP-B2N-L', firmware: '1.0.23' },
    rules: [],
    rewrites: [{ of: 'MeterValues', find: /"sampledValue":\[/g, by: '"sampledValue":[,' }],
  },
  'vestel-evc04': {
    standsFor: 'Vestel EVC04: meter values without samples',
    is: { vendor: 'Vestel', model: 'EVC04-AC22', firmware: '3.187' },
    rules: [],
    rewrites: [{ of: 'MeterValues', find: /"sampledValue":\[[^\]]*\]/g, by: '"sampledValue":[]' }],
  },
  'en-plus': {
    standsFor: 'EN+ AC7000: ignores pings, wants connector 1, has no ping setting',
    is: { vendor: 'EN+', model: 'AC7000-AE-25', firmware: '1.0.25' },
    ignoresPings: true,
    rules: [
      { on: ['RemoteStartTransaction'], withoutField: 'connectorId', deed: { do: 'refuse' } },
      {
        on: ['ChangeConfiguration'],
        where: { field: 'key', is: 'WebSocketPingInterval' },
        deed: { do: 'answer', payload: { status: 'NotSupported' }, acts: false },
      },
    ],
  },
  enercab: {
    standsFor: 'Enercab: numbers padded with spaces',
    is: { vendor: 'Enercab', model: 'Wallbox', firmware: '1.2' },
    rules: [],
    rewrites: [{ of: 'MeterValues', find: /"value":"(\d[\d.]*)"/g, by: '"value":"   $1"' }],
  },
  'go-e': {
    standsFor: 'go-e Charger: profiles are accepted without effect; stops with transactionId -1',
    is: { vendor: 'go-e', model: 'Gemini flex 11', firmware: '56.8' },
    rules: [{ on: ['SetChargingProfile'], deed: { do: 'pretend' } }],
    rewrites: [{ of: 'StopTransaction', find: /"transactionId":-?\d+/, by: '"transactionId":-1' }],
  },
  'keba-p30': {
    standsFor: 'KEBA P30: a remote stop is accepted and the transaction goes on',
    is: { vendor: 'Keba AG', model: 'P30', firmware: 'P30 v 3.10.27' },
    rules: [{ on: remoteStops, deed: { do: 'pretend' } }],
    rewrites: [{ of: 'StopTransaction', find: /"transactionId":-?\d+/, by: '"transactionId":-1' }],
  },
  starcharge: {
    standsFor: 'StarCharge: reconnects when a BootNotification is triggered',
    is: { vendor: 'StarCharge', model: 'Aurora', firmware: '2.0' },
    rules: [
      {
        on: ['TriggerMessage'],
        where: { field: 'requestedMessage', is: 'BootNotification' },
        deed: { do: 'drop', acts: false },
      },
    ],
  },
  etrel: {
    standsFor: 'Etrel INCH: ends transactions under a number of its own',
    is: { vendor: 'Etrel', model: 'G-HB1V5CY20-A14', firmware: '5.4:5.0.5' },
    rules: [],
    rewrites: [{ of: 'StopTransaction', find: /"transactionId":-?\d+/, by: '"transactionId":-77' }],
  },
} as const satisfies Record<string, Omit<Persona, 'name'>>
