import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chargerFacts, connectorFacts, freshFor } from '../../../../test/kit/facts.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { Capabilities } from '../../../models/capability.ts'
import { resolveProfile } from '../../../models/profile.ts'
import { strictRequest } from '../../../ocpp/validation.ts'
import type { Version } from '../../../ocpp/versions.ts'
import type { ChargerFacts } from '../../facts.ts'
import { isRefusal, isVerdict } from '../../operation.ts'
import type { Verdict, VersionPlan } from '../../operation.ts'
import { chargerInterview } from '../charger-interview.ts'

interface Interviewed {
  /** The keys asked for, CALL by CALL. */
  readonly asked: readonly (readonly string[])[]
  readonly end: Verdict
  /** By name, what was said of it. */
  readonly probed: Readonly<Record<string, unknown>>
  readonly readings: Readonly<Record<string, string | null>>
}

/** Interviews a charger that has these settings and tells no others. */
function interview(
  version: Version,
  settings: Readonly<Record<string, string | null>>,
  over: Partial<ChargerFacts> = {},
  params: { about?: ('messages' | 'charging' | 'metering')[] } = {},
): Interviewed {
  const plan = chargerInterview.versions[version]
  assert.ok(!('absent' in plan))
  const { followUp } = plan
  assert.ok(followUp !== undefined)
  let capabilities: Capabilities = over.capabilities ?? {}
  const asked: string[][] = []
  const probed: Record<string, unknown> = {}
  const readings: Record<string, string | null> = {}
  const facts = () => chargerFacts({ version, ...over, capabilities })

  function learn(verdict: Verdict): Verdict {
    for (const one of verdict.learned ?? []) {
      if (one.kind === 'settings')
        for (const { key, value, unknown } of one.readings)
          if (unknown !== true) readings[key] = value
      if (one.kind !== 'capability') continue
      assert.equal(one.source, 'probed')
      probed[one.name] = one.value
      const known = { value: one.value, source: one.source, since: 0, why: one.why }
      capabilities = { ...capabilities, [one.name]: known }
    }
    return verdict
  }
  function call(payload: JsonObject): JsonObject {
    assert.equal(strictRequest(version, actionOf(version), payload), undefined)
    const answer = answered(version, settings, payload)
    asked.push(answer.keys)
    return answer.response
  }

  const first = plan.request(params, facts(), freshFor())
  assert.ok(!isRefusal(first))
  let verdict = learn(plan.judge(call(first as JsonObject), params, first as JsonObject))
  while (verdict.meaning === 'accepted') {
    const stored: Json = verdict.result ?? null
    const next = followUp.next(stored, params, facts(), freshFor())
    assert.ok(next !== undefined && !isRefusal(next))
    if (isVerdict(next)) return { asked, end: learn(next), probed, readings }
    const payload = next.payload as JsonObject
    verdict = learn(followUp.judge(next.action, call(payload), params, stored, payload))
    assert.ok(asked.length < 50)
  }
  return { asked, end: verdict, probed, readings }
}

function actionOf(version: Version): string {
  return version === '1.6' ? 'GetConfiguration' : 'GetVariables'
}

function answered(
  version: Version,
  settings: Readonly<Record<string, string | null>>,
  payload: JsonObject,
): { keys: string[]; response: JsonObject } {
  if (version === '1.6') {
    const keys = payload.key as string[]
    const known = keys.filter((key) => key in settings)
    const unknownKey = keys.filter((key) => !(key in settings))
    const configurationKey = known.map((key) => {
      const value = settings[key]
      return { key, readonly: false, ...(value === null ? {} : { value: value ?? '' }) }
    })
    return { keys, response: { configurationKey, unknownKey } }
  }
  const data = payload.getVariableData as unknown as readonly Asked[]
  const keys = data.map(({ component, variable }) => {
    const instance = variable.instance === undefined ? '' : `:${variable.instance}`
    return `${component.name}/${variable.name}${instance}`
  })
  const getVariableResult = data.map((one, index) => {
    const value = settings[keys[index] ?? '']
    return value === undefined
      ? { ...one, attributeStatus: 'UnknownVariable' }
      : { ...one, attributeStatus: 'Accepted', attributeValue: value }
  })
  return { keys, response: { getVariableResult } }
}

interface Asked {
  readonly component: { readonly name: string }
  readonly variable: { readonly name: string; readonly instance?: string }
}

const usual16 = {
  GetConfigurationMaxKeys: '40',
  SupportedFeatureProfiles: 'Core, SmartCharging,RemoteTrigger',
  NumberOfConnectors: '2',
  ChargeProfileMaxStackLevel: '10',
  ChargingScheduleAllowedChargingRateUnit: 'Current,Power',
  ChargingScheduleMaxPeriods: '24',
  MaxChargingProfilesInstalled: '20',
  LocalAuthListEnabled: 'false',
  LocalAuthListMaxLength: '100',
  SendLocalListMaxLength: '25',
  ReserveConnectorZeroSupported: 'false',
  SupportedFileTransferProtocols: 'FTP,HTTP',
  MeterValuesSampledData: 'Power.Active.Import',
  SecurityProfile: '1',
}

test('a 1.6 charger tells what it can do, as many keys at once as it said it takes', () => {
  const { asked, end, probed, readings } = interview('1.6', usual16)
  assert.equal(end.meaning, 'done')
  assert.deepEqual(asked[0], ['GetConfigurationMaxKeys'])
  assert.deepEqual(
    asked.map((keys) => keys.length),
    [1, 10, 4],
  )
  assert.deepEqual(probed, {
    'settings-max-keys': 40,
    'feature-profiles': ['Core', 'SmartCharging', 'RemoteTrigger'],
    'smart-charging': true,
    'remote-trigger': true,
    evses: 2,
    'max-stack-level': 10,
    'charging-rate-units': ['Current', 'Power'],
    'max-schedule-periods': 24,
    'max-profiles': 20,
    'local-list': true,
    'local-list-max-length': 100,
    'local-list-max-per-message': 25,
    'reservation-connector-zero': false,
    'file-protocols': ['FTP', 'HTTP'],
    'meter-measurands': ['Power.Active.Import'],
    'security-profile': 1,
  })
  assert.deepEqual(readings, usual16)
})

test('a 1.6 charger that does not say how many keys it takes is asked for one at a time', () => {
  const { asked, end } = interview('1.6', { NumberOfConnectors: '1' })
  assert.equal(end.meaning, 'done')
  assert.ok(asked.every((keys) => keys.length === 1))
})

const usual2x = {
  'DeviceDataCtrlr/ItemsPerMessage:GetVariables': '4',
  'DeviceDataCtrlr/ItemsPerMessage:SetVariables': '3',
  'DeviceDataCtrlr/BytesPerMessage:GetVariables': '4000',
  'SmartChargingCtrlr/Enabled': 'false',
  'SmartChargingCtrlr/ProfileStackLevel': '5',
  'SmartChargingCtrlr/RateUnit': 'A,W',
  'LocalAuthListCtrlr/Enabled': 'true',
  'LocalAuthListCtrlr/Available': 'false',
  'SecurityCtrlr/SecurityProfile': '2',
}

for (const version of ['2.0.1', '2.1'] as const)
  test(`a ${version} charger tells what it can do, and its EVSEs are counted`, () => {
    const connectors = [connectorFacts({ evse: 1 }), connectorFacts({ evse: 2 })]
    const { asked, end, probed } = interview(version, usual2x, { connectors })
    assert.equal(end.meaning, 'done')
    assert.deepEqual(asked[0], ['DeviceDataCtrlr/ItemsPerMessage:GetVariables'])
    assert.ok(asked.every((keys) => keys.length <= 4))
    assert.deepEqual(probed, {
      'settings-max-keys': 4,
      'settings-max-per-write': 3,
      'bytes-per-message': 4000,
      'smart-charging': true,
      'max-stack-level': 5,
      'charging-rate-units': ['A', 'W'],
      'local-list': false,
      'security-profile': 2,
      evses: 2,
    })
  })

test('a model that fails beyond a few keys, or on one of them, is asked accordingly', () => {
  const few = resolveProfile({ vendor: 'Entratek', model: 'Power Dot Pro' })
  const { asked } = interview('1.6', usual16, { profile: few })
  assert.deepEqual(
    asked.map((keys) => keys.length),
    [4, 4, 4, 3],
  )
  const crashing = resolveProfile({ vendor: 'ABB', model: 'TACW22', firmware: '1.8.21' })
  assert.ok(crashing.quirks.some(({ quirk }) => quirk === 'crashes-on-reading'))
  const abb = interview('1.6', usual16, { profile: crashing })
  assert.ok(!abb.asked.flat().includes('MeterValuesSampledData'))
  assert.equal(abb.end.meaning, 'done')
})

test('only what was asked about is asked for', () => {
  const { asked } = interview('1.6', usual16, {}, { about: ['charging'] })
  assert.ok(asked.flat().every((key) => /Charg|Phase/.test(key)))
})

test('values that say nothing teach nothing', () => {
  const { probed } = interview(
    '1.6',
    {
      GetConfigurationMaxKeys: 'many',
      NumberOfConnectors: null,
      SupportedFeatureProfiles: ' ',
      ReserveConnectorZeroSupported: 'perhaps',
    },
    { connectors: [] },
  )
  assert.deepEqual(probed, {})
})

test('that a charger knows none of it is an answer; that it tells none of it is none', () => {
  assert.equal(interview('1.6', {}).end.meaning, 'done')
  const keys = ['SecurityCtrlr/SecurityProfile']
  const { followUp } = chargerInterview.versions['2.1'] as VersionPlan<'2.1', object>
  const asked = { about: ['security'] }
  const stored = { asked: keys, told: {}, unknown: [], rejected: keys, capabilities: {} }
  const end = followUp?.next(stored, asked, chargerFacts({ version: '2.1' }), freshFor())
  assert.ok(end !== undefined && isVerdict(end))
  assert.equal(end.meaning, 'refused')
})

test('what nobody may ask of a model is not asked', () => {
  const profile = resolveProfile({ vendor: 'ABB', model: 'TACW22', firmware: '1.8.21' })
  const plan = chargerInterview.versions['1.6']
  assert.ok(!('absent' in plan))
  const refused = plan.request({ about: ['metering'] }, chargerFacts({ profile }), freshFor())
  assert.ok(isRefusal(refused))
  assert.equal(refused.field, 'about')
})
