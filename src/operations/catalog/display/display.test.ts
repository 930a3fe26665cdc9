import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listedAs } from '../../listed.ts'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import { inTurn } from '../../../../test/kit/scripted-answers.ts'
import type { ReportFacts } from '../../facts.ts'
import { displayClear } from './display-clear.ts'
import { displayList } from './display-list.ts'
import { displayShow } from './display-show.ts'

const fine = { status: 'Accepted' }
const listing: ReportFacts = {
  kind: 'display-messages',
  requestId: 4711,
  receivedAt: 2_000,
  parts: 1,
  items: 1,
  complete: true,
  missing: [],
  ids: ['9'],
}

describe('showing a message', () => {
  for (const version of ['2.0.1', '2.1'] as const) {
    const show = (params: object, ...answers: object[]) =>
      dialogue(
        displayShow,
        version,
        { text: 'Out of order', ...params },
        inTurn(version, ...answers),
      )

    test(`on ${version} gives it and asks for it`, () => {
      const { calls } = show({ id: 9, priority: 'always-front', state: 'faulted' }, fine, fine)
      assert.deepEqual(calls, [
        {
          action: 'SetDisplayMessage',
          payload: {
            message: {
              id: 9,
              priority: 'AlwaysFront',
              state: 'Faulted',
              message: { format: 'UTF8', content: 'Out of order' },
            },
          },
        },
        { action: 'GetDisplayMessages', payload: { requestId: 4711, id: [9] } },
      ])
    })
    test(`on ${version} worked when it is listed under its id`, () => {
      const { look, calls } = show({ id: 9 }, fine, fine)
      const listed = listedAs(calls[0]?.payload['message']) ?? ''
      const same = { ...listing, ids: ['9', listed] }
      assert.equal(look({ reports: [same] }, 1_000).seen, 'yes')
      // Under the same id the charger may show what it showed before.
      assert.equal(look({ reports: [{ ...same, ids: ['9', '9#other'] }] }, 1_000).seen, 'unclear')
      assert.equal(look({ reports: [{ ...listing, ids: ['8'] }] }, 1_000).seen, 'no')
      assert.equal(look({ reports: [] }, 1_000, true).seen, 'not-yet')
    })
    test(`on ${version} a charger that accepts it and has it not has lied`, () => {
      assert.equal(show({}, fine, { status: 'Unknown' }).verdict?.meaning, 'failed')
    })
    test(`on ${version} every refusal`, () => {
      const words = [
        'NotSupportedMessageFormat',
        'Rejected',
        'NotSupportedPriority',
        'NotSupportedState',
        'UnknownTransaction',
      ]
      for (const status of words) assert.equal(show({}, { status }).verdict?.meaning, 'refused')
    })
  }

  test('a time is told in UTC, and only to a charger whose clock is right', () => {
    const params = { text: 'x', from: '2026-05-01T10:00:00+02:00', until: '2026-05-02T10:00:00Z' }
    const show = (clockSkewMs: number) =>
      dialogue(displayShow, '2.1', params, inTurn('2.1', fine, fine), { facts: { clockSkewMs } })
    const { calls } = show(1_000)
    assert.match(JSON.stringify(calls[0]?.payload), /"startDateTime":"2026-05-01T08:00:00.000Z"/)
    assert.match(show(3 * 3_600_000).refused?.refused ?? '', /clock is 3 h ahead/)
  })
  test('a time that is none, or over, is refused', () => {
    const field = (params: object) =>
      dialogue(displayShow, '2.1', { text: 'x', ...params }, inTurn('2.1'), {
        fresh: { now: Date.parse('2026-06-01') },
      }).refused?.field
    assert.equal(field({ from: 'tomorrow' }), 'from')
    assert.equal(field({ until: '2026-05-01T00:00:00Z' }), 'until')
  })
  test('an URL in it must be allowed', () => {
    const supply = displayShow.supply?.({ text: 'see https://pay.example/1' })
    assert.deepEqual(supply, {
      kind: 'urls',
      urls: [{ url: 'https://pay.example/1', field: 'text' }],
    })
  })
})

describe('taking a message off', () => {
  const clear = (...answers: object[]) =>
    dialogue(displayClear, '2.1', { id: 9 }, inTurn('2.1', ...answers)).verdict?.meaning
  test('worked when the charger has it no longer', () => {
    assert.equal(clear(fine, { status: 'Unknown' }), 'done')
    assert.equal(clear(fine, fine), 'failed')
  })
  test('every other answer', () => {
    assert.equal(clear({ status: 'Unknown' }), 'refused')
    assert.equal(clear({ status: 'Rejected' }), 'refused')
  })
})

test('listing asks for what is named; no message is an answer too', () => {
  const list = (params: object, answer: object) =>
    dialogue(displayList, '2.0.1', params, inTurn('2.0.1', answer))
  assert.deepEqual(list({ ids: [1, 2], priority: 'normal' }, fine).calls[0]?.payload, {
    requestId: 4711,
    id: [1, 2],
    priority: 'NormalCycle',
  })
  assert.equal(list({}, { status: 'Unknown' }).verdict?.meaning, 'done')
  const { look } = list({}, fine)
  assert.equal(look({ reports: [listing] }, 1_000).seen, 'yes')
})
