import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { chargerFacts, freshFor } from '../../../../test/kit/facts.ts'
import type { Json } from '../../../kernel/json.ts'
import { strictRequest } from '../../../ocpp/validation.ts'
import { versions } from '../../../ocpp/versions.ts'
import type { Version } from '../../../ocpp/versions.ts'
import type { ChargerFacts, LocalListFacts } from '../../facts.ts'
import { operationNamed } from '../../catalogue.ts'
import { isRefusal, isVerdict } from '../../operation.ts'
import type { NextCall, Verdict, VersionPlan } from '../../operation.ts'
import type { PushState } from './push-state.ts'
import { storedState } from './push-state.ts'
import type { SuppliedToken, TokenListSupply } from './token-list-supply.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const day = 24 * 3_600_000

function planOf(name: string, version: Version): VersionPlan<Version, unknown> {
  const plan = operationNamed(name)?.versions[version]
  assert.ok(plan && !('absent' in plan))
  return plan
}

function token(text: string, over: Partial<SuppliedToken> = {}): SuppliedToken {
  return { token: text, status: 'accepted', revision: 1, ...over }
}

function supplied(over: Partial<TokenListSupply> = {}): TokenListSupply {
  return { list: 'drivers', revision: 3, tokens: [token('A')], removed: [], since: 1, ...over }
}

const freshWith = (supply: TokenListSupply) =>
  freshFor({ now: noon, supply: supply as unknown as Json })

function begin(version: Version, supply: TokenListSupply, facts: Partial<ChargerFacts> = {}) {
  const plan = planOf('tokens.push', version)
  return plan.request({ list: 'drivers' }, chargerFacts({ version, ...facts }), freshWith(supply))
}

function next(
  version: Version,
  state: PushState,
  supply: TokenListSupply,
  facts: Partial<ChargerFacts> = {},
  params: object = { list: 'drivers' },
): NextCall | Verdict {
  const { followUp } = planOf('tokens.push', version)
  const charger = chargerFacts({ version, ...facts })
  const step = followUp?.next(storedState(state), params, charger, freshWith(supply))
  assert.ok(step !== undefined && !isRefusal(step), JSON.stringify(step))
  return step
}

function callAfter(...args: Parameters<typeof next>): NextCall {
  const step = next(...args)
  assert.ok(!isVerdict(step), JSON.stringify(step))
  assert.equal(strictRequest(args[0], step.action, step.payload), undefined)
  return step
}

const versionAnswer = (version: Version, number: number) =>
  version === '1.6' ? { listVersion: number } : { versionNumber: number }

const holding = (over: Partial<LocalListFacts> = {}): Partial<ChargerFacts> => ({
  localList: { version: 7, list: 'drivers', revision: 1, at: noon - day, ...over },
})

const rich = supplied({
  tokens: [
    token('CARD-1', { parent: 'FLEET', until: noon + day }),
    token('CARD-2', { status: 'blocked' }),
    token('CARD-3', { until: noon - 1, type: 'Central' }),
    token('CARD-4', { from: noon + day }),
  ],
})

describe('a list becomes the exact SendLocalList of the version', () => {
  test('on OCPP 1.6: words, expiry and parent', () => {
    const { action, payload } = callAfter('1.6', { at: 'read', held: 4 }, rich)
    assert.equal(action, 'SendLocalList')
    assert.deepEqual(payload, {
      listVersion: 5,
      updateType: 'Full',
      localAuthorizationList: [
        {
          idTag: 'CARD-1',
          idTagInfo: {
            status: 'Accepted',
            expiryDate: '2026-03-02T12:00:00.000Z',
            parentIdTag: 'FLEET',
          },
        },
        { idTag: 'CARD-2', idTagInfo: { status: 'Blocked' } },
        {
          idTag: 'CARD-3',
          idTagInfo: { status: 'Expired', expiryDate: '2026-03-01T11:59:59.999Z' },
        },
      ],
    })
  })

  for (const version of ['2.0.1', '2.1'] as const)
    test(`on OCPP ${version}: types, expiry and group`, () => {
      const { payload } = callAfter(version, { at: 'read', held: 0 }, rich)
      assert.deepEqual(payload, {
        versionNumber: 1,
        updateType: 'Full',
        localAuthorizationList: [
          {
            idToken: { idToken: 'CARD-1', type: 'ISO14443' },
            idTokenInfo: {
              status: 'Accepted',
              cacheExpiryDateTime: '2026-03-02T12:00:00.000Z',
              groupIdToken: { idToken: 'FLEET', type: 'Central' },
            },
          },
          {
            idToken: { idToken: 'CARD-2', type: 'ISO14443' },
            idTokenInfo: { status: 'Blocked' },
          },
          {
            idToken: { idToken: 'CARD-3', type: 'Central' },
            idTokenInfo: { status: 'Expired', cacheExpiryDateTime: '2026-03-01T11:59:59.999Z' },
          },
        ],
      })
    })

  for (const version of versions)
    test(`on OCPP ${version}: an empty list is sent as one, and never under the version 0`, () => {
      const { payload } = callAfter(version, { at: 'read', held: 0 }, supplied({ tokens: [] }))
      const number = version === '1.6' ? { listVersion: 1 } : { versionNumber: 1 }
      assert.deepEqual(payload, { ...number, updateType: 'Full' })
    })
})

describe('a list that a charger cannot be told is refused before anything is sent', () => {
  const long = supplied({ tokens: [token('A'), token('B'.repeat(21)), token('C'.repeat(30))] })
  const rows: readonly (readonly [
    string,
    Version,
    TokenListSupply,
    Partial<ChargerFacts>,
    RegExp,
  ])[] = [
    ['tokens over 20 characters on 1.6', '1.6', long, {}, /2 tokens.*; nothing was sent/],
    [
      'parents over 20 characters on 1.6',
      '1.6',
      supplied({ tokens: [token('A', { parent: 'P'.repeat(21) })] }),
      {},
      /1 token .*parents.*; nothing was sent/,
    ],
    [
      'types of 2.1 on 2.0.1',
      '2.0.1',
      supplied({ tokens: [token('A', { type: 'VIN' })] }),
      {},
      /only OCPP 2\.1/,
    ],
    [
      'more tokens than it keeps',
      '2.1',
      supplied({ tokens: [token('A'), token('B')] }),
      {
        capabilities: {
          'local-list-max-length': { value: 1, source: 'probed', since: 0, why: 'told' },
        },
      },
      /2 tokens, and the charger keeps at most 1/,
    ],
    [
      'what is known to lack local lists',
      '1.6',
      supplied(),
      {
        capabilities: {
          'action:SendLocalList': { value: false, source: 'observed', since: 0, why: 'it said so' },
        },
      },
      /it said so/,
    ],
  ]
  for (const [what, version, supply, facts, words] of rows)
    test(what, () => {
      const planned = begin(version, supply, facts)
      assert.ok(isRefusal(planned), JSON.stringify(planned))
      assert.match(planned.refused, words)
    })

  test('and what fits is asked for its version first', () => {
    for (const version of versions) assert.deepEqual(begin(version, supplied()), {})
    assert.deepEqual(begin('2.0.1', long), {})
    assert.deepEqual(begin('2.1', supplied({ tokens: [token('A', { type: 'VIN' })] })), {})
  })
})

describe('what a charger holds decides what it is sent', () => {
  const changed = supplied({
    revision: 9,
    since: 4,
    tokens: [token('A'), token('B', { revision: 8 }), ...[...'CDEF'].map((one) => token(one))],
    removed: [
      { token: 'GONE', revision: 7 },
      { token: 'LONG-GONE', revision: 4 },
    ],
  })
  const differential = {
    listVersion: 8,
    updateType: 'Differential',
    localAuthorizationList: [{ idTag: 'B', idTagInfo: { status: 'Accepted' } }, { idTag: 'GONE' }],
  }
  const updateType = (facts: Partial<ChargerFacts>, held = 7, params = {}): unknown => {
    const { payload } = callAfter('1.6', { at: 'read', held }, changed, facts, {
      list: 'drivers',
      ...params,
    })
    return (payload as { updateType: string }).updateType
  }

  test('the changes since the revision it holds, in the words of both versions', () => {
    const { payload } = callAfter('1.6', { at: 'read', held: 7 }, changed, holding({ revision: 5 }))
    assert.deepEqual(payload, differential)
    const two = callAfter('2.1', { at: 'read', held: 7 }, changed, holding({ revision: 5 }))
    assert.deepEqual(two.payload, {
      versionNumber: 8,
      updateType: 'Differential',
      localAuthorizationList: [
        {
          idToken: { idToken: 'B', type: 'ISO14443' },
          idTokenInfo: { status: 'Accepted' },
        },
        { idToken: { idToken: 'GONE', type: 'ISO14443' } },
      ],
    })
  })
  test('the whole where it holds another list', () =>
    assert.equal(updateType(holding({ list: 'others', revision: 5 })), 'Full'))
  test('the whole where its version is not the one we gave it', () =>
    assert.equal(updateType(holding({ revision: 5 }), 6), 'Full'))
  test('the whole where nobody knows what it holds', () => assert.equal(updateType({}), 'Full'))
  test('the whole where it holds something we did not send', () =>
    assert.equal(updateType({ localList: { version: 7, at: noon } }), 'Full'))
  test('the whole where the changes since are not known any more', () =>
    assert.equal(updateType(holding({ revision: 3 })), 'Full'))
  test('the whole where the list of that name was another then', () =>
    assert.equal(updateType(holding({ revision: 12 })), 'Full'))
  test('the whole where it is asked for', () =>
    assert.equal(updateType(holding({ revision: 5 }), 7, { update: 'full' }), 'Full'))
  test('the whole where that is less to send', () => {
    const few = supplied({
      tokens: [token('A', { revision: 2 })],
      removed: [{ token: 'B', revision: 2 }],
    })
    const { payload } = callAfter('1.6', { at: 'read', held: 7 }, few, holding())
    assert.equal((payload as { updateType: string }).updateType, 'Full')
  })
  test('nothing where nothing has changed, and it is remembered to hold the newest revision', () => {
    const verdict = next('1.6', { at: 'read', held: 7 }, supplied(), holding())
    assert.ok(isVerdict(verdict))
    assert.equal(verdict.meaning, 'done')
    assert.deepEqual(verdict.learned, [
      { kind: 'local-list', list: 'drivers', revision: 3, version: 7 },
    ])
  })
  test('a token that has become valid since is sent, one that is not valid yet is taken off', () => {
    const waiting = supplied({
      revision: 5,
      tokens: [
        ...[...'ABCD'].map((one) => token(one)),
        token('DUE', { from: noon - 1 }),
        token('LATER', { from: noon + 1, revision: 5 }),
      ],
    })
    const facts = holding({ revision: 4, at: noon - 2 * day })
    const { payload } = callAfter('1.6', { at: 'read', held: 7 }, waiting, facts)
    assert.deepEqual((payload as { localAuthorizationList: object[] }).localAuthorizationList, [
      { idTag: 'DUE', idTagInfo: { status: 'Accepted' } },
      { idTag: 'LATER' },
    ])
  })
  test('the numbers begin anew, with the whole, before they grow too large', () => {
    const { payload } = callAfter(
      '1.6',
      { at: 'read', held: 2_000_000_000 },
      changed,
      holding({ revision: 5, version: 2_000_000_000 }),
    )
    const { listVersion, updateType: type } = payload as Record<string, unknown>
    assert.deepEqual([listVersion, type], [1, 'Full'])
  })
})

describe('the answer to a part', () => {
  const plan = {
    update: 'full',
    base: null,
    asOf: noon,
    list: 'drivers',
    revision: 3,
    tokens: 4,
    instead: false,
  } as const
  const sending = { ...plan, at: 'sending', from: 0, count: 2, version: 5, messages: 1 } as const
  const rest = { ...sending, from: 2 } as const
  const change = { ...sending, update: 'differential', base: { revision: 1, at: 0 } } as const

  const judge = (version: Version, status: string, state: PushState): Verdict => {
    const { followUp } = planOf('tokens.push', version)
    assert.ok(followUp)
    return followUp.judge('SendLocalList', { status }, {}, storedState(state))
  }
  const at = (verdict: Verdict) => (verdict.result as { at?: string } | null | undefined)?.at

  const rows: readonly (readonly [
    string,
    PushState,
    meaning: Verdict['meaning'],
    next: string | undefined,
  ])[] = [
    ['Accepted', sending, 'accepted', 'sent'],
    ['Accepted', change, 'accepted', 'sent'],
    ['Failed', sending, 'failed', undefined],
    ['Failed', rest, 'failed', undefined],
    ['Failed', change, 'accepted', 'again'],
    ['VersionMismatch', sending, 'failed', undefined],
    ['VersionMismatch', rest, 'accepted', 'checking'],
    ['VersionMismatch', change, 'accepted', 'checking'],
  ]
  for (const version of versions)
    for (const [status, state, meaning, goesOn] of rows) {
      const which = `${state.at === 'sending' ? state.update : ''} from ${'from' in state ? state.from : ''}`
      test(`${status} of the ${which} on OCPP ${version}`, () => {
        const verdict = judge(version, status, state)
        assert.deepEqual([verdict.meaning, at(verdict)], [meaning, goesOn])
      })
    }
  test('NotSupported on OCPP 1.6', () =>
    assert.equal(judge('1.6', 'NotSupported', sending).meaning, 'unsupported'))

  test('until the whole has arrived the charger holds none of our lists', () =>
    assert.deepEqual(judge('1.6', 'Accepted', sending).learned, [
      { kind: 'local-list-version', version: 5 },
    ]))
  test('VersionMismatch of a change is checked: where the version is ours, it had arrived before', () => {
    const { followUp } = planOf('tokens.push', '1.6')
    const checking = storedState({ ...change, at: 'checking' })
    const ours = followUp?.judge('GetLocalListVersion', { listVersion: 5 }, {}, checking)
    assert.equal(ours && at(ours), 'sent')
    const others = followUp?.judge('GetLocalListVersion', { listVersion: 9 }, {}, checking)
    assert.equal(others && at(others), 'again')
    assert.equal((others?.result as { held: number }).held, 9)
  })
  test('the whole list is tried once only', () => {
    const { followUp } = planOf('tokens.push', '1.6')
    const state = storedState({ ...rest, instead: true, at: 'checking' })
    assert.equal(
      followUp?.judge('GetLocalListVersion', { listVersion: 9 }, {}, state).meaning,
      'failed',
    )
  })
})

for (const version of versions)
  describe(`the version at the end, on OCPP ${version}`, () => {
    const verify = (number: number, tokens = 2): Verdict => {
      const { followUp } = planOf('tokens.push', version)
      assert.ok(followUp)
      const state = storedState({
        update: 'full',
        base: null,
        asOf: noon,
        list: 'drivers',
        revision: 3,
        tokens,
        instead: false,
        at: 'verifying',
        from: tokens,
        version: 5,
        messages: 1,
      })
      return followUp.judge('GetLocalListVersion', versionAnswer(version, number), {}, state)
    }
    test('is ours: it worked, and the charger holds this revision', () => {
      const { meaning, learned } = verify(5)
      assert.equal(meaning, 'done')
      assert.deepEqual(learned, [{ kind: 'local-list', list: 'drivers', revision: 3, version: 5 }])
    })
    test('is another: accepted was not done', () => {
      const verdict = verify(4)
      assert.equal(verdict.meaning, 'failed')
      assert.match(verdict.detail ?? '', /version 5.*version 4/)
      assert.deepEqual(verdict.learned, [{ kind: 'local-list-version', version: 4 }])
    })
    test('is 0 and the list is empty: some say so of an empty list', () => {
      assert.equal(verify(0, 0).meaning, 'done')
      assert.equal(verify(0, 2).meaning, 'failed')
    })
  })

test('a 1.6 charger that keeps no list says -1: that is unsupported, and nothing is sent', () => {
  const verdict = planOf('tokens.push', '1.6').judge({ listVersion: -1 }, {}, {})
  assert.equal(verdict.meaning, 'unsupported')
  assert.deepEqual(verdict.learned, [{ kind: 'local-list-version', version: -1 }])
})

for (const version of versions) {
  test(`OCPP ${version}: tokens.version reads the version and remembers it`, () => {
    const plan = planOf('tokens.version', version)
    assert.deepEqual(plan.request({}, chargerFacts({ version }), freshFor()), {})
    const verdict = plan.judge(versionAnswer(version, 12), {}, {})
    assert.deepEqual(
      [verdict.meaning, verdict.result, verdict.learned],
      ['done', { version: 12 }, [{ kind: 'local-list-version', version: 12 }]],
    )
  })
  test(`OCPP ${version}: a cleared cache is somebody's word, which nothing shows`, () => {
    const plan = planOf('tokens.clear-cache', version)
    assert.deepEqual(plan.request({}, chargerFacts({ version }), freshFor()), {})
    assert.equal(plan.judge({ status: 'Accepted' }, {}, {}).meaning, 'unverifiable')
    assert.equal(plan.judge({ status: 'Rejected' }, {}, {}).meaning, 'refused')
  })
}
