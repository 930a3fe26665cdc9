import type { CapabilityName, CapabilityValue } from '../../../models/capability.ts'

/** What a charger is asked about in one go. */
export const topics = [
  'messages',
  'features',
  'charging',
  'local-list',
  'reservations',
  'files',
  'metering',
  'security',
] as const
export type Topic = (typeof topics)[number]

/** A setting that is asked for, and what its value says the charger can do. */
export interface Probe {
  readonly key: string
  readonly says: (value: string) => readonly Said[]
}

export interface Said {
  readonly name: CapabilityName
  readonly value: CapabilityValue
}

function says(name: CapabilityName, value: CapabilityValue | undefined): readonly Said[] {
  return value === undefined ? [] : [{ name, value }]
}

function number(key: string, name: CapabilityName): Probe {
  return { key, says: (value) => says(name, wholeNumber(value)) }
}
function truth(key: string, name: CapabilityName): Probe {
  return { key, says: (value) => says(name, truthOf(value)) }
}
/** Where the charger can do it even while it is switched off. */
function presence(key: string, name: CapabilityName): Probe {
  return { key, says: (value) => says(name, truthOf(value) === undefined ? undefined : true) }
}
function texts(key: string, name: CapabilityName): Probe {
  return { key, says: (value) => says(name, wordsOf(value)) }
}

function wholeNumber(text: string): number | undefined {
  return /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : undefined
}
function truthOf(text: string): boolean | undefined {
  const word = text.trim().toLowerCase()
  return word === 'true' ? true : word === 'false' ? false : undefined
}
function wordsOf(text: string): readonly string[] | undefined {
  const words = text
    .split(/[,;]/)
    .map((word) => word.trim())
    .filter((word) => word !== '')
  return words.length === 0 ? undefined : words
}

/** OCPP 1.6 3.3: a profile that is listed can be done. One that is not listed: `models/features.ts` knows. */
const ofProfile: Readonly<Record<string, CapabilityName>> = {
  smartcharging: 'smart-charging',
  localauthlistmanagement: 'local-list',
  reservation: 'reservation',
  remotetrigger: 'remote-trigger',
  firmwaremanagement: 'firmware',
}

function featureProfiles(value: string): readonly Said[] {
  const listed = wordsOf(value)
  if (listed === undefined) return []
  const able = listed.flatMap((profile): readonly Said[] => {
    const name = ofProfile[profile.toLowerCase()]
    return name === undefined ? [] : [{ name, value: true }]
  })
  return [{ name: 'feature-profiles', value: listed }, ...able]
}

/** OCPP 1.6 chapter 9, the 1.6 security extension. */
const probes16: Readonly<Record<Topic, readonly Probe[]>> = {
  messages: [number('GetConfigurationMaxKeys', 'settings-max-keys')],
  features: [
    { key: 'SupportedFeatureProfiles', says: featureProfiles },
    number('NumberOfConnectors', 'evses'),
  ],
  charging: [
    number('ChargeProfileMaxStackLevel', 'max-stack-level'),
    texts('ChargingScheduleAllowedChargingRateUnit', 'charging-rate-units'),
    number('ChargingScheduleMaxPeriods', 'max-schedule-periods'),
    number('MaxChargingProfilesInstalled', 'max-profiles'),
    truth('ConnectorSwitch3to1PhaseSupported', 'phase-switching'),
  ],
  'local-list': [
    presence('LocalAuthListEnabled', 'local-list'),
    number('LocalAuthListMaxLength', 'local-list-max-length'),
    number('SendLocalListMaxLength', 'local-list-max-per-message'),
  ],
  reservations: [truth('ReserveConnectorZeroSupported', 'reservation-connector-zero')],
  files: [texts('SupportedFileTransferProtocols', 'file-protocols')],
  metering: [texts('MeterValuesSampledData', 'meter-measurands')],
  security: [number('SecurityProfile', 'security-profile')],
}

/** OCPP 2.x part 2 appendix 3. `Available` is optional and, where it is told, the last word. */
const probes2x: Readonly<Record<Topic, readonly Probe[]>> = {
  messages: [
    number('DeviceDataCtrlr/ItemsPerMessage:GetVariables', 'settings-max-keys'),
    number('DeviceDataCtrlr/ItemsPerMessage:SetVariables', 'settings-max-per-write'),
    number('DeviceDataCtrlr/BytesPerMessage:GetVariables', 'bytes-per-message'),
  ],
  features: [],
  charging: [
    presence('SmartChargingCtrlr/Enabled', 'smart-charging'),
    truth('SmartChargingCtrlr/Available', 'smart-charging'),
    number('SmartChargingCtrlr/ProfileStackLevel', 'max-stack-level'),
    texts('SmartChargingCtrlr/RateUnit', 'charging-rate-units'),
    number('SmartChargingCtrlr/PeriodsPerSchedule', 'max-schedule-periods'),
    truth('SmartChargingCtrlr/Phases3to1', 'phase-switching'),
  ],
  'local-list': [
    presence('LocalAuthListCtrlr/Enabled', 'local-list'),
    truth('LocalAuthListCtrlr/Available', 'local-list'),
    number('LocalAuthListCtrlr/ItemsPerMessage', 'local-list-max-per-message'),
  ],
  reservations: [
    presence('ReservationCtrlr/Enabled', 'reservation'),
    truth('ReservationCtrlr/Available', 'reservation'),
    truth('ReservationCtrlr/NonEvseSpecific', 'reservation-connector-zero'),
  ],
  files: [texts('OCPPCommCtrlr/FileTransferProtocols', 'file-protocols')],
  metering: [texts('SampledDataCtrlr/TxUpdatedMeasurands', 'meter-measurands')],
  security: [number('SecurityCtrlr/SecurityProfile', 'security-profile')],
}

/** What a charger of this version is asked, topic by topic. How much fits into one message comes first. */
export function probesFor(version: '1.6' | '2.x', about: readonly Topic[]): readonly Probe[] {
  const all = version === '1.6' ? probes16 : probes2x
  return topics.filter((topic) => about.includes(topic)).flatMap((topic) => all[topic])
}
