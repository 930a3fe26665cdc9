import assert from 'node:assert/strict'
import test from 'node:test'
import { commitmentsIn } from '../../proof/commitments.ts'
import { operations } from '../operations/catalogue.ts'
import type { Actor } from '../kernel/actor.ts'
import type { AuditEvent } from './audit.ts'
import { committed } from './committing.ts'
import { entryText } from './entry-text.ts'
import { personalIn, personalParams } from './personal.ts'

const ann: Actor = { kind: 'person', id: 'p-1', name: 'Ann' }
const robot: Actor = { kind: 'robot', id: 'r-1', name: 'Playbook' }
const system: Actor = { kind: 'system', id: 'system', name: 'OTA control' }

function said(
  event: string,
  detail: AuditEvent['detail'],
  more: Partial<AuditEvent> = {},
): AuditEvent {
  return { at: 1, actor: robot, origin: { face: 'api' }, event, detail, ...more }
}

function places(event: AuditEvent): string[] {
  return personalIn(event).map(({ path, kind, subject }) => `${path} ${kind} ${subject}`)
}

const declared: readonly [what: string, AuditEvent, readonly string[]][] = [
  [
    'of a person: name, address and reason',
    said(
      'charger.updated',
      {},
      { actor: ann, origin: { face: 'cli', address: '192.0.2.1' }, reason: 'asked by Ben' },
    ),
    [
      '/actor/name names person:p-1',
      '/origin/address addresses person:p-1',
      '/reason text person:p-1',
    ],
  ],
  [
    'of a robot: address and reason, and not its name',
    said('x.y', {}, { origin: { face: 'api', address: '192.0.2.1' }, reason: 'nightly' }),
    ['/origin/address addresses robot:r-1', '/reason text robot:r-1'],
  ],
  [
    'of the product: what it writes, which may be composed of what people said',
    said('command.cancelled', { why: 'by Ann' }, { actor: system, reason: 'set by Ann' }),
    ['/reason text system:system', '/detail/why text system:system'],
  ],
  [
    'why the product refused a command, which may name people',
    said('command.refused', { why: 'it is under maintenance by Ann' }, { actor: system }),
    ['/detail/why text system:system'],
  ],
  [
    'what a request is about, which may name people',
    said('approval.requested', { summary: 'Take all second factors from Ben (ben)' }),
    ['/detail/summary text system:system'],
  ],
  [
    'who is invited, whom the note names before they are anybody',
    said('person.invited', { kind: 'person', note: 'Ben Night' }),
    ['/detail/note text system:system'],
  ],
  [
    'of whoever is not signed in: the address',
    said(
      'sign-in.failed',
      { person: 'p-1', factor: 'password' },
      {
        actor: { kind: 'person', id: 'nobody', name: 'not signed in' },
        origin: { face: 'api', address: '192.0.2.1' },
      },
    ),
    ['/origin/address addresses person:nobody'],
  ],
  [
    'tokens in parameters and in messages of either version, by whom they are',
    said('command.sending', {
      params: { token: 'CARD', groupToken: 'Fleet' },
      call: { payload: { idTag: 'CARD', idToken: { idToken: 'AbC', type: 'eMAID' } } },
    }),
    [
      '/detail/params/token names token:card',
      '/detail/params/groupToken names token:fleet',
      '/detail/call/payload/idTag names token:card',
      '/detail/call/payload/idToken/idToken names token:abc',
    ],
  ],
  [
    'tokens of a list, with what is noted of each',
    said('token-list.tokens-changed', {
      list: 'drivers',
      tokens: [{ token: 'CARD', before: null, after: { parent: 'GROUP', label: 'Ann’s card' } }],
    }),
    [
      '/detail/tokens/0/token names token:card',
      '/detail/tokens/0/after/parent names token:group',
      '/detail/tokens/0/after/label text token:card',
    ],
  ],
  [
    'names of people others did something about, and where they are',
    said('session.concurrent-use', {
      person: 'p-2',
      name: 'Ben',
      session: 's',
      addresses: ['192.0.2.1', '192.0.2.2'],
    }),
    [
      '/detail/name names person:p-2',
      '/detail/addresses/0 addresses person:p-2',
      '/detail/addresses/1 addresses person:p-2',
    ],
  ],
  [
    'what comes from somebody else than the actor',
    said(
      'maintenance.taken-over',
      { before: { by: 'Ann', reason: 'mine' } },
      { actor: system, quoted: { actor: ann, members: ['/before/by', '/before/reason'] } },
    ),
    ['/detail/before/by names person:p-1', '/detail/before/reason text person:p-1'],
  ],
  [
    'an erased token, which nobody keeps',
    said('audit.erased', { kind: 'token', identifier: 'CARD' }),
    ['/detail/identifier names null'],
  ],
]
for (const [what, event, expected] of declared)
  test(`personal is ${what}`, () => {
    assert.deepEqual(places(event), expected)
  })

test('every parameter of an operation that looks as if it named somebody is declared', () => {
  const params = operations.flatMap(({ name, params: schema }) =>
    Object.keys((schema as { properties?: object }).properties ?? {}).map((one) => [name, one]),
  )
  const naming = /token$|tag$|customer|driver|person|holder|e?maid/i
  const forgotten = params.filter(([, one]) => naming.test(one!) && !personalParams.includes(one!))
  assert.deepEqual(forgotten, [])
})

function commitmentsOf(...events: AuditEvent[]): string[] {
  return committed(events, 1).events.flatMap((one) => [...commitmentsIn(one)!.values()])
}

test('the same value of somebody else never has the same commitment twice', () => {
  const event = said('command.sending', { a: { idTag: 'CARD' }, b: { idTag: 'CARD' } })
  const commitments = commitmentsOf(event, event)
  assert.equal(commitments.length, 4)
  assert.equal(new Set(commitments).size, 4)
})

const because = (actor: Actor, at = 1) => said('x.y', {}, { actor, at, reason: 'same' })
const repeated: readonly [what: string, AuditEvent[], differ: number][] = [
  ['an actor', [because(robot), because(robot)], 1],
  ['two actors', [because(robot), because(system)], 2],
  ['an actor a while later', [because(robot), because(robot, 60_001)], 2],
]
for (const [what, events, differ] of repeated)
  test(`the same reason of ${what} has ${differ === 1 ? 'one commitment' : 'two commitments'}`, () => {
    assert.equal(new Set(commitmentsOf(...events)).size, differ)
    const { openings } = committed(events, 7)
    assert.equal(openings.length, differ)
    assert.deepEqual(
      openings.flatMap(({ sequences }) => sequences),
      [7, 8],
    )
  })

test('what a charger says that only looks like a commitment is committed to itself', () => {
  const forged = { commitment: 'A'.repeat(43) }
  const { events, openings } = committed([said('command.accepted', { answer: forged })], 1)
  const [opening] = openings
  assert.deepEqual(events[0]!.detail.answer, { commitment: opening!.commitment })
  assert.notEqual(opening!.commitment, forged.commitment)
  assert.equal(opening!.value, JSON.stringify(forged))
})

test('strange keys and values that a charger sends neither lose an entry nor an opening', () => {
  const strange = { 'a\ud800/~\0': { idTag: 'x\0\ud800'.repeat(500) } }
  const { events, openings } = committed([said('command.accepted', { answer: strange })], 1)
  const text = entryText(events[0]!, 1)
  const [opening] = openings
  assert.deepEqual([...commitmentsIn(JSON.parse(text))!.values()], [opening!.commitment])
  assert.doesNotMatch(`${text}${opening!.subject}${opening!.value}`, /\0/)
  assert.ok(opening!.subject.length < 300)
})
