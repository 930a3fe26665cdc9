import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listedAs } from '../../listed.ts'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import type { Asked } from '../../../../test/kit/dialogue.ts'
import { sessionFacts } from '../../../../test/kit/facts.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import { ordinaryProfile } from '../../../models/profile.ts'
import { versions } from '../../../ocpp/versions.ts'
import type { Version } from '../../../ocpp/versions.ts'
import type { ReportFacts } from '../../facts.ts'
import { powerDefault } from './power-default.ts'
import { powerUnlimit } from './power-unlimit.ts'

const now = Date.parse('2026-05-05T12:00:00Z')
const fresh = { now, number: 4711 }
const charging = { sessions: [sessionFacts({ evse: 2, transactionId: '77' })] }
const v2 = ['2.0.1', '2.1'] as const

const accepts = (): unknown => ({ status: 'Accepted' })

function report(ids: readonly string[], complete = true): ReportFacts {
  const items = ids.length
  const kind = 'charging-profiles'
  return { kind, requestId: 4711, receivedAt: now, parts: 1, items, complete, missing: [], ids }
}

describe('a default', () => {
  for (const version of versions)
    test(`lies below every other limit on ${version}`, () => {
      const { calls } = dialogue(powerDefault, version, { amperes: 6 }, accepts, { fresh })
      const { payload } = calls[0]!
      const profile = (payload['csChargingProfiles'] ?? payload['chargingProfile']) as JsonObject
      assert.equal(payload['connectorId'] ?? payload['evseId'], 0)
      assert.equal(profile['stackLevel'], 0)
      assert.equal(profile['chargingProfilePurpose'], 'TxDefaultProfile')
      assert.equal(profile['chargingProfileId'] ?? profile['id'], 912_000_000)
    })

  test('has been kept when a 2.x charger lists it', () => {
    const played = dialogue(powerDefault, '2.1', { amperes: 6 }, accepts, { fresh })
    const sent = played.calls[0]?.payload['chargingProfile']
    const listed = ['912000000', listedAs(sent) ?? '']
    assert.equal(played.look({ reports: [report(listed)] }, now).seen, 'yes')
    assert.equal(played.look({ reports: [report(['912000000'])] }, now).seen, 'unclear')
    assert.equal(played.look({ reports: [report([])] }, now).seen, 'no')
  })

  test('goes to each EVSE of a model that does not know connector 0', () => {
    const quirk = {
      quirk: 'no-connector-zero',
      use: 1,
      why: 'seen',
      evidence: [],
      from: 'x',
    } as const
    const facts = { profile: { ...ordinaryProfile, quirks: [quirk] } }
    const { calls } = dialogue(powerDefault, '2.0.1', { amperes: 6 }, accepts, { facts, fresh })
    assert.deepEqual(
      calls.map(({ action, payload }) => [action, payload['evseId']]),
      [
        ['SetChargingProfile', 1],
        ['SetChargingProfile', 2],
        ['GetChargingProfiles', undefined],
      ],
    )
  })
})

describe('taking a limit away', () => {
  const unlimit = (version: Version, answer: (call: Asked, index: number) => unknown) =>
    dialogue(powerUnlimit, version, { evse: 2 }, answer, { facts: charging, fresh })
  const levels = [10_002, 20_002, 30_002]
  const ids = [...levels.map((one) => 912e6 + one), ...levels.map((one) => 913e6 + one)]

  test('clears every profile the limit may have', () => {
    const on16 = unlimit('1.6', () => ({ status: 'Unknown' }))
    assert.deepEqual(
      on16.calls.map(({ payload }) => payload['id']),
      ids,
    )
    assert.equal(on16.verdict?.meaning, 'done')
    assert.deepEqual(on16.learned[0], { kind: 'weekly-limit', place: 2, again: null })
  })

  test('on 1.6 has worked when what was cleared is unknown afterwards', () => {
    const held = new Set<unknown>([ids[0], ids[3]])
    const honest = ({ payload }: Asked) => ({
      status: held.delete(payload['id']) ? 'Accepted' : 'Unknown',
    })
    const { verdict, calls } = unlimit('1.6', honest)
    assert.deepEqual(verdict, { meaning: 'done', result: { cleared: 2 } })
    assert.equal(calls.length, 8)
    assert.equal(unlimit('1.6', accepts).verdict?.meaning, 'unverifiable')
  })

  for (const version of v2)
    test(`on ${version} has worked when the charger lists none of it`, () => {
      const answering = (last: string) => (call: Asked) => ({
        status: call.action === 'GetChargingProfiles' ? last : 'Accepted',
      })
      assert.equal(unlimit(version, answering('NoProfiles')).verdict?.meaning, 'done')
      assert.equal(unlimit(version, answering('Accepted')).verdict?.meaning, 'failed')
    })
})
