import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { holding, knownPerson } from '../../test/kit/approvals.ts'
import type { RequestDocument } from './document.ts'
import { judge, type GivenApproval, type RequestFile } from './judge.ts'
import { after, hasExpired, requestStates, type Standing, type Step } from './life.ts'
import type { Deed } from './may-decide.ts'
import { sameHuman, type KnownPerson } from './people.ts'

const frame = { waitMs: 10, executeWithinMs: 100, notAfter: null }
const standing = (state: Standing['state']): Standing => ({
  state,
  expiresAt: 1_000,
  executesAt: state === 'approved' ? 50 : null,
  executeBefore: state === 'approved' ? 150 : null,
})

const leads: Readonly<Record<Step, readonly (Standing['state'] | '-')[]>> = {
  // waiting, approved, executed, vetoed, withdrawn, expired, void
  approve: ['approved', '-', '-', '-', '-', '-', '-'],
  veto: ['vetoed', 'vetoed', '-', '-', '-', '-', '-'],
  withdraw: ['withdrawn', 'withdrawn', '-', '-', '-', '-', '-'],
  execute: ['-', 'executed', '-', '-', '-', '-', '-'],
  expire: ['-', '-', '-', '-', '-', '-', '-'],
  void: ['void', 'void', '-', '-', '-', '-', '-'],
  reopen: ['-', 'waiting', '-', '-', '-', '-', '-'],
}

test('each step leads from the states that permit it, and from no other', () => {
  for (const [step, row] of Object.entries(leads))
    for (const [index, state] of requestStates.entries()) {
      const next = after(step as Step, standing(state), frame, 60)
      assert.equal('refused' in next ? '-' : next.state, row[index], `${step} of ${state}`)
    }
})

test('nothing but expiring happens to a request whose time is over', () => {
  for (const state of ['waiting', 'approved'] as const)
    for (const step of Object.keys(leads) as Step[]) {
      const next = after(step, standing(state), frame, 2_000)
      if (step === 'expire') assert.equal('refused' in next ? '' : next.state, 'expired')
      else assert.ok('refused' in next, `${step} of ${state}`)
    }
})

test('an approved request waits, and nothing of it happens after its last moment', () => {
  const next = after('approve', standing('waiting'), { ...frame, notAfter: 90 }, 60)
  assert.deepEqual(next, { state: 'approved', expiresAt: 1_000, executesAt: 70, executeBefore: 90 })
  assert.ok('refused' in after('execute', next as Standing, frame, 69))
  assert.ok(!('refused' in after('execute', next as Standing, frame, 70)))
  assert.ok(hasExpired(next as Standing, 90))
})

const ids = ['rita', 'anna', 'ben', 'cleo', 'dora'] as const
const roles = ['approver', 'owner', 'operator'] as const

const peopleOf = fc.tuple(
  ...ids.map((id) =>
    fc
      .record({
        held: fc.subarray([...roles]),
        self: fc.boolean(),
        subject: fc.constantFrom('s1', 's2', undefined),
        active: fc.boolean(),
      })
      .map(({ held, self, subject, active }) =>
        knownPerson(id, {
          active,
          subjects: subject === undefined ? [] : [subject],
          holdings: held.map((role) => holding(role, { givenBy: self ? [id] : [] })),
        }),
      ),
  ),
)

const deed = fc.record({
  deed: fc.constantFrom<Deed>('approve', 'approve', 'approve', 'veto', 'withdraw', 'execute'),
  by: fc.constantFrom(...ids),
  robot: fc.constantFrom(false, false, false, true),
  factorAgeMs: fc.constantFrom(0, 400),
  laterMs: fc.constantFrom(0, 0, 1, 20, 300),
  /** Before it, somebody loses their roles, or has the rules changed. */
  loses: fc.constantFrom(undefined, undefined, undefined, ...ids),
  edits: fc.constantFrom(undefined, undefined, undefined, ...ids),
})

test('whatever is done, only what enough different people approved is carried out, once', () => {
  fc.assert(
    fc.property(
      peopleOf,
      fc.integer({ min: 1, max: 3 }),
      fc.array(deed, { maxLength: 25 }),
      (persons, count, deeds) => {
        const people = new Map<string, KnownPerson>(persons.map((one) => [one.id, one]))
        let now = 1_000
        let file: RequestFile = newFile(count, now)
        const editors: string[] = []
        const trail: string[] = []
        for (const one of deeds) {
          now += one.laterMs
          if (one.loses !== undefined)
            people.set(one.loses, { ...people.get(one.loses)!, holdings: [] })
          if (one.edits !== undefined) editors.push(one.edits)
          const approvers = file.approvals.map(({ person }) => person)
          const judged = judge(
            one.deed,
            {
              actor: { kind: one.robot ? 'robot' : 'person', id: one.by, name: one.by },
              authentication: { by: 'session', id: 's', factors: { totp: now - one.factorAgeMs } },
              known: people.get(one.by),
            },
            file,
            { people, concerned: [], makers: [], editors, changesRules: true, approvers, now },
          )
          if (judged.kind === 'refused') continue
          trail.push(one.deed)
          assert.ok(!(one.robot && one.deed === 'approve'), 'a robot approved')
          assert.ok(one.deed !== 'approve' || one.factorAgeMs === 0, 'an old factor was enough')
          const given: GivenApproval[] =
            one.deed === 'approve' ? [{ person: one.by, digest: file.digest }] : []
          file = { ...file, standing: judged.standing, approvals: [...file.approvals, ...given] }
          if (one.deed === 'execute') {
            const humans = distinct(file.approvals.map(({ person }) => people.get(person)!))
            assert.ok(humans.length >= count, 'too few different people')
            assert.ok(!humans.some((human) => sameHuman(human, people.get('rita')!)))
            assert.ok(now >= file.standing.executesAt!, 'it did not wait')
            assert.ok(now < file.standing.executeBefore!, 'it came too late')
          }
        }
        const ends = trail.filter((done) => done !== 'approve')
        assert.ok(ends.length <= 1, `something happened after the end: ${trail.join(', ')}`)
        if (ends.length === 1) assert.equal(trail.at(-1), ends[0])
      },
    ),
    { seed: 19, numRuns: 3_000 },
  )
})

function distinct(persons: readonly KnownPerson[]): KnownPerson[] {
  const found: KnownPerson[] = []
  for (const one of persons) if (!found.some((other) => sameHuman(one, other))) found.push(one)
  return found
}

function newFile(count: number, now: number): RequestFile {
  const document: RequestDocument = {
    format: 'ota-approval/1',
    id: 'r',
    kind: 'command',
    summary: '',
    content: {},
    requestedBy: { kind: 'person', id: 'rita', name: 'Rita' },
    requestedAt: now,
    freshMs: 0,
    reason: 'x',
    ticket: null,
    needs: {
      approvals: [{ count, roles: ['approver', 'owner'] }],
      waitMs: 15,
      freshWithinMs: 300,
      bootstrap: false,
    },
    groups: [null],
    about: [],
    execute: 'by-hand',
    expiresAt: now + 500,
    executeWithinMs: 200,
    notAfter: null,
    standing: {},
  }
  const standing = {
    state: 'waiting',
    expiresAt: now + 500,
    executesAt: null,
    executeBefore: null,
  } as const
  return { document, digest: 'd', standing, approvals: [] }
}
