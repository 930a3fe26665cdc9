import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TokenAnswer } from '../signals/answers/answer.ts'
import type { Belonging } from './access.ts'
import { assignedTo, assignmentTable } from './assignment.ts'
import { judge } from './judge.ts'
import type { Rules } from './judge.ts'
import { tokenKey } from './token.ts'
import type { Token } from './token.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')

function listed(over: Partial<Token> = {}): Token {
  return {
    token: 'Card-1',
    type: null,
    parent: null,
    status: 'accepted',
    from: null,
    until: null,
    label: null,
    revision: 1,
    ...over,
  }
}

function rules(tokens: readonly Token[], over: Partial<Rules> = {}): Rules {
  return {
    name: 'drivers',
    unknownTokens: 'refuse',
    concurrentSessions: 'allow',
    tokens: new Map(tokens.map((one) => [tokenKey(one.token), one])),
    ...over,
  }
}

const rows: readonly (readonly [what: string, Partial<Token>, answer: TokenAnswer])[] = [
  ['accepted', {}, { status: 'Accepted' }],
  [
    'accepted, with its group and expiry',
    { parent: 'FLEET', until: noon + 1 },
    { status: 'Accepted', parent: 'FLEET', until: noon + 1 },
  ],
  ['blocked', { status: 'blocked', parent: 'FLEET' }, { status: 'Blocked', parent: 'FLEET' }],
  ['blocked, whatever its validity', { status: 'blocked', until: noon - 1 }, { status: 'Blocked' }],
  ['expired', { until: noon - 1 }, { status: 'Expired' }],
  ['expired at the very moment', { until: noon }, { status: 'Expired' }],
  [
    'not valid yet, to be forgotten when it is',
    { from: noon + 5 },
    { status: 'NotYetValid', until: noon + 5 },
  ],
  ['valid from this very moment', { from: noon }, { status: 'Accepted' }],
]

describe('a token on the list is', () => {
  for (const [what, token, answer] of rows)
    test(what, () => {
      const judged = judge(rules([listed(token)]), { token: 'CARD-1' }, noon)
      assert.deepEqual(judged, { answer, list: 'drivers', alone: false })
    })
})

describe('a token that is not on the list', () => {
  test('is refused where the list says so', () =>
    assert.equal(judge(rules([]), { token: 'X' }, noon).answer.status, 'Unknown'))
  test('is accepted where the list says so', () =>
    assert.equal(
      judge(rules([], { unknownTokens: 'accept' }), { token: 'X' }, noon).answer.status,
      'Accepted',
    ))
  test('and one that cannot be read is not on it', () =>
    assert.equal(judge(rules([]), {}, noon).answer.status, 'Unknown'))
})

test('tokens are compared without case, and letters that only look alike are others', () => {
  const kelvin = rules([listed({ token: 'card-k' })])
  assert.equal(judge(kelvin, { token: 'CARD-K' }, noon).answer.status, 'Accepted')
  assert.equal(judge(kelvin, { token: 'CARD-\u212a' }, noon).answer.status, 'Unknown')
})

test('without a list every token is accepted', () =>
  assert.deepEqual(judge(undefined, { token: 'X' }, noon), {
    answer: { status: 'Accepted' },
    alone: false,
  }))

test('a start button shows no token, so no list refuses it', () =>
  assert.equal(judge(rules([]), { type: 'NoAuthorization' }, noon).answer.status, 'Accepted'))

test('a token must charge alone where its list says so, and only one that may charge', () => {
  const alone = { concurrentSessions: 'refuse' } as const
  assert.equal(judge(rules([listed()], alone), { token: 'card-1' }, noon).alone, true)
  const blocked = rules([listed({ status: 'blocked' })], alone)
  assert.equal(judge(blocked, { token: 'card-1' }, noon).alone, false)
})

describe('which list is a charger’s', () => {
  const charger: Belonging = {
    identity: 'CP-1',
    group: 'North/Hamburg/Depot 1',
    tags: ['slow', 'depot'],
  }
  const every = { list: 'of-all', kind: 'everywhere', name: null } as const
  const top = { list: 'of-north', kind: 'group', name: 'North' } as const
  const near = { list: 'of-hamburg', kind: 'group', name: 'North/Hamburg' } as const
  const slow = { list: 'of-slow', kind: 'tag', name: 'slow' } as const
  const depot = { list: 'of-depots', kind: 'tag', name: 'depot' } as const
  const own = { list: 'its-own', kind: 'charger', name: 'CP-1' } as const
  const cases = [
    ['its own before all others', [every, top, near, slow, own], own],
    ['a tag’s before a group’s', [every, top, near, slow], slow],
    ['of several tags the first by name', [slow, depot], depot],
    ['the nearest group’s', [every, top, near], near],
    ['a group’s further up', [every, top], top],
    ['everybody’s', [every], every],
  ] as const
  for (const [what, assigned, expected] of cases)
    test(what, () => assert.deepEqual(assignedTo(assignmentTable(assigned), charger), expected))

  test('none, where nothing covers it', () => {
    const others = [
      { list: 'x', kind: 'group', name: 'North/Ham' },
      { list: 'x', kind: 'group', name: 'South' },
      { list: 'x', kind: 'charger', name: 'CP-2' },
      { list: 'x', kind: 'tag', name: 'fast' },
    ] as const
    assert.equal(assignedTo(assignmentTable(others), charger), undefined)
    assert.equal(assignedTo(assignmentTable([top]), { ...charger, group: null }), undefined)
  })
})
