import assert from 'node:assert/strict'
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { knownCapabilities } from '../../src/models/capability.ts'
import type { ChargerModel } from '../../src/models/profile.ts'
import { resolveProfile } from '../../src/models/profile.ts'
import { planFor } from '../../src/commands/life/plan.ts'
import type { ChargerFacts } from '../../src/operations/facts.ts'
import { partLimits } from '../../src/operations/catalog/access/list-limits.ts'
import { operationNamed } from '../../src/operations/catalogue.ts'
import type { Operation } from '../../src/operations/operation.ts'
import { isRefusal } from '../../src/operations/operation.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import { chargerFacts, freshFor, sessionFacts } from '../kit/facts.ts'
import { examples, replay } from '../kit/replay.ts'

/** What operations become for chargers of these models, as the fleet's facts tell of them. */

type Facts = ChargerFacts & { readonly version: Version }

function factsOf(charger: ChargerModel, over: Partial<ChargerFacts> = {}): Facts {
  const version = over.version ?? '1.6'
  const profile = resolveProfile({ ...charger, protocolVersion: version })
  const capabilities = knownCapabilities({ profile, capabilities: over.capabilities ?? {} })
  return chargerFacts({ ...over, version, profile, capabilities })
}

function operation(name: string): Operation {
  const found = operationNamed(name)
  assert.ok(found !== undefined, name)
  return found
}

interface Asking {
  readonly facts?: Partial<ChargerFacts>
  readonly supply?: Json
}

function plan(charger: ChargerModel, name: string, params: object, asking: Asking = {}) {
  const fresh = freshFor({
    supply: asking.supply ?? null,
    upload: (protocols) => (protocols ?? ['HTTPS']).map((one) => `${one}://files/up`)[0],
    download: (_file, protocols) => (protocols ?? ['HTTPS']).map((one) => `${one}://files/down`)[0],
  })
  return planFor(operation(name), params as JsonObject, factsOf(charger, asking.facts), fresh)
}

/** The payload of the first CALL. */
function called(...args: Parameters<typeof plan>): JsonObject {
  const planned = plan(...args)
  assert.ok(planned.kind === 'call', JSON.stringify(planned))
  return planned.call.payload
}

/** Why it is not asked. */
function declined(...args: Parameters<typeof plan>): { end: string; because: string } {
  const planned = plan(...args)
  assert.ok(planned.kind === 'cannot', JSON.stringify(planned))
  return planned
}

interface Profile16 {
  readonly stackLevel: number
  readonly chargingProfilePurpose: string
  readonly chargingProfileKind: string
  readonly chargingSchedule: {
    readonly chargingRateUnit: string
    readonly chargingSchedulePeriod: readonly { readonly limit: number }[]
  }
}

function profileOf(payload: JsonObject): Profile16 {
  return payload['csChargingProfiles'] as unknown as Profile16
}

const grizzle = { vendor: 'United Chargers', model: 'Grizzl-E Smart', firmware: '3.09' }

replay('abb/terra-ac-1.8.21', 'crashes-on-reading', 'is never asked for that key', () => {
  const key = 'MeterValuesSampledData'
  assert.match(declined(examples.abb, 'settings.read', { keys: [key] }).because, /fails/)
  const some = called(examples.abb, 'settings.read', { keys: ['HeartbeatInterval', key] })
  assert.deepEqual(some, { key: ['HeartbeatInterval'] })
  assert.match(declined(examples.abb, 'settings.read', {}).because, /name keys/)
  const newer = { ...examples.abb, firmware: 'V1.8.32' }
  assert.deepEqual(called(newer, 'settings.read', { keys: [key] }), { key: [key] })
})

replay('abb/terra-ac', 'max-stack-level', 'is sent profiles at level 0, whatever it says', () => {
  const told = { value: 10, source: 'probed', since: 1, why: 'it said so' } as const
  const facts = { capabilities: { 'max-stack-level': told } }
  const payload = called(examples.abb, 'power.limit', { amperes: 10 }, { facts })
  assert.equal(profileOf(payload).stackLevel, 0)
})

replay('wallbox/pulsar-old', 'relative-profiles-only', 'is sent no Absolute profile', () => {
  const payload = called(examples.pulsarOld, 'power.limit', { evse: 1, amperes: 10 })
  assert.equal(profileOf(payload).chargingProfileKind, 'Relative')
  const by = { evse: 1, amperes: 10, to: '2026-05-01T17:00:00Z' }
  assert.match(declined(examples.pulsarOld, 'power.limit', by).because, /clock/)
})

replay('wallbox/pulsar-old', 'unlock-unsupported', 'is not asked to unlock', () => {
  const { end } = declined(examples.pulsarOld, 'connector.unlock', { evse: 1 })
  assert.equal(end, 'unsupported')
})

replay('grizzl-e/3.09', 'ignores-profile-purpose', 'is limited by another purpose', () => {
  const payload = called(grizzle, 'power.limit', { amperes: 10 })
  assert.notEqual(profileOf(payload).chargingProfilePurpose, 'ChargePointMaxProfile')
})

replay('huawei/scharger', 'rate-unit', 'is told watts', (_t, { unit }) => {
  const payload = called(examples.huawei, 'power.limit', { amperes: 10 })
  const { chargingRateUnit, chargingSchedulePeriod } = profileOf(payload).chargingSchedule
  assert.equal(chargingRateUnit, unit)
  assert.ok((chargingSchedulePeriod[0]?.limit ?? 0) >= 2_300)
})

replay('huawei/scharger', 'zero-limit-ends-session', 'a pause is not sent unknowingly', () => {
  const sessions = [sessionFacts({ evse: 1 })]
  const pause = { evse: 1, kilowatts: 0 }
  const { because } = declined(examples.huawei, 'power.limit', pause, { facts: { sessions } })
  assert.match(because, /session/)
})

replay('evbox/elvi', 'reads-few-keys', 'is asked for one key a message', (_t, { max }) => {
  const payload = called(examples.elvi, 'settings.read', { keys: ['A', 'B', 'C'] })
  assert.deepEqual(payload, { key: ['A'] })
  assert.equal(max, 1)
})

replay('entratek/power-dot-pro', 'reads-few-keys', 'is asked for four keys a message', () => {
  const keys = ['A', 'B', 'C', 'D', 'E']
  assert.deepEqual(called(examples.entratek, 'settings.read', { keys }), { key: keys.slice(0, 4) })
})

replay('entratek/power-dot-pro', 'no-full-settings-list', 'is asked for keys by name only', () => {
  assert.match(declined(examples.entratek, 'settings.read', {}).because, /name keys/)
})

replay('evbox/elvi', 'local-list-max', 'gets its list in parts', (_t, { entries }) => {
  assert.equal(partLimits(factsOf(examples.elvi)).entries, entries)
})

function filesOver(charger: ChargerModel, protocol: string): void {
  const payload = called(charger, 'diagnostics.fetch', {})
  assert.match(JSON.stringify(payload), new RegExp(`${protocol}://`))
}

replay('evbox/elvi', 'file-protocols', 'is given FTP addresses', () =>
  filesOver(examples.elvi, 'FTP'),
)
replay('compleo/ebox', 'file-protocols', 'is given SFTP addresses, no HTTPS', () =>
  filesOver(examples.compleo, 'SFTP'),
)

replay('en-plus/all', 'no-connector-zero', 'is started at a connector', (_t, { use }) => {
  const payload = called(examples.enPlus, 'session.start', { token: 'TAG' })
  assert.deepEqual(payload, { idTag: 'TAG', connectorId: use })
})

replay('ocular/bs-ev', 'token-max-length', 'is given no longer token', (_t, { length }) => {
  const long = 'X'.repeat(length + 1)
  const { end } = declined(examples.ocular, 'session.start', { evse: 1, token: long })
  assert.equal(end, 'refused')
  called(examples.ocular, 'session.start', { evse: 1, token: long.slice(1) })
})

replay('starcharge/all', 'never-trigger-boot', 'nobody may ask for its boot', () => {
  const { because } = declined(examples.starCharge, 'charger.report', { what: 'boot' })
  assert.match(because, /again and again/)
  called(examples.starCharge, 'charger.report', { what: 'status' })
})

replay(
  'keba/p30',
  'limit-setting-in-milliampere',
  'a limit in ampere is written in milliampere',
  (_t, { key }) => {
    const write = { meaning: 'current-limit', value: '16' }
    assert.deepEqual(called(examples.keba, 'settings.write', write), { key, value: '16000' })
  },
)

function unlockedAfterwards(charger: ChargerModel): string {
  return effectOf('connector.unlock', factsOf(charger), { evse: 1 }, -1)
}

function effectOf(name: string, facts: Facts, params: object, since: number): string {
  const { effect } = operation(name)
  assert.ok(effect.seenIn === 'behaviour')
  const payload = { transactionId: 7, connectorId: 1 }
  const fresh = { number: 1, dispatch: 'd-1' }
  const context = { fresh, answered: true, expects: null, payload, epoch: 1 }
  return effect.seen(facts, since, params, context).seen
}

replay('foxess/a-series', 'available-with-cable', 'Available proves no unplugging', () => {
  assert.equal(unlockedAfterwards(examples.foxess), 'not-yet')
  assert.equal(unlockedAfterwards({ vendor: 'V', model: 'M' }), 'yes')
})
replay('autel/maxicharger', 'available-with-cable', 'Available proves no unplugging', () => {
  assert.equal(unlockedAfterwards(examples.autel), 'not-yet')
})

replay('keba/p30', 'stop-without-effect', 'a stop is done only when the session ends', () => {
  const running = factsOf(examples.keba, { sessions: [sessionFacts({ evse: 1 })] })
  assert.equal(effectOf('session.stop', running, { evse: 1 }, 10), 'not-yet')
})

function startsOnlyWhenSeen(charger: ChargerModel): void {
  assert.equal(effectOf('session.start', factsOf(charger), { evse: 1, token: 'T' }, 10), 'not-yet')
}

replay(
  'zj-beny/wallbox',
  'no-restart-until-replug',
  'a start without a session is no success',
  () => startsOnlyWhenSeen({ vendor: 'ZJBENY', model: 'BCP-B2N-L' }),
)
replay(
  'en-plus/all',
  'start-expires-while-preparing',
  'a start without a session is no success',
  () => startsOnlyWhenSeen(examples.enPlus),
)

replay('go-e/charger', 'accepts-profiles-without-effect', 'Accepted is not yet a limit', () => {
  const { versions } = operation('power.limit')
  const plan16 = versions['1.6']
  assert.ok(!('absent' in plan16))
  const facts = factsOf({ vendor: 'go-e' }, { sessions: [sessionFacts({ evse: 1 })] })
  const payload = plan16.request({ evse: 1, amperes: 10 }, facts, freshFor())
  assert.ok(!isRefusal(payload))
  const verdict = plan16.judge(
    { status: 'Accepted' },
    { evse: 1, amperes: 10 },
    payload as JsonObject,
  )
  assert.equal(verdict.meaning, 'accepted')
  assert.ok(operation('power.limit').effect.seenIn === 'behaviour')
})

function isUnsupportedAndNoMore(charger: ChargerModel, key: string | undefined): void {
  const params = { key: key ?? '', value: '30' }
  const payload = called(charger, 'settings.write', params)
  const plan16 = operation('settings.write').versions['1.6']
  assert.ok(!('absent' in plan16))
  const verdict = plan16.judge({ status: 'NotSupported' }, params, payload)
  assert.equal(verdict.meaning, 'unsupported')
}

replay('solax/evc', 'setting-unsupported', 'such a write ends as unsupported', (_t, { keys }) =>
  isUnsupportedAndNoMore(examples.solax, keys[0]),
)
replay(
  'en-plus/ac7000',
  'setting-unsupported',
  'such a write ends as unsupported',
  (_t, { keys }) => isUnsupportedAndNoMore(examples.enPlus, keys[0]),
)
