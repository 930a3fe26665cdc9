import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Authentication, Context } from '../kernel/actor.ts'
import { holding, knownPerson } from '../../test/kit/approvals.ts'
import type { RequestDocument } from './document.ts'
import { mayDecide, type Circumstances, type Deed } from './may-decide.ts'
import type { KnownPerson } from './people.ts'

const now = 1_000_000
const document: RequestDocument = {
  format: 'ota-approval/1',
  id: 'r',
  kind: 'command',
  summary: 'Reset: CP-1',
  content: {},
  requestedBy: { kind: 'person', id: 'rita', name: 'Rita' },
  requestedAt: 0,
  freshMs: 0,
  reason: 'stuck',
  ticket: null,
  needs: {
    approvals: [{ count: 2, roles: ['approver', 'owner'] }],
    waitMs: 0,
    freshWithinMs: 300_000,
    bootstrap: false,
  },
  groups: ['North/A', 'North/B'],
  about: [],
  execute: 'automatic',
  expiresAt: now * 2,
  executeWithinMs: 1_000,
  notAfter: null,
  standing: {},
}

interface Case {
  readonly name: string
  readonly deed?: Deed
  readonly person?: Partial<KnownPerson>
  readonly caller?: Partial<Context>
  readonly document?: Partial<RequestDocument>
  readonly about?: Partial<Circumstances>
  /** What is said where it may not be done. */
  readonly no?: RegExp
  readonly why?: 'denied' | 'step-up' | 'done-before'
}

const session = (ageMs: number, breakGlass?: string): Authentication => ({
  by: 'session',
  id: 's',
  factors: { totp: now - ageMs },
  ...(breakGlass === undefined ? {} : { breakGlass }),
})
const rita = (over: Partial<KnownPerson>) => new Map([['rita', knownPerson('rita', over)]])

const cases: readonly Case[] = [
  { name: 'an approver with a fresh factor approves' },
  {
    name: 'a robot never approves',
    caller: { actor: { kind: 'robot', id: 'anna', name: 'r' } },
    no: /robots never/,
  },
  {
    name: 'a break-glass account never approves',
    caller: { authentication: session(0, 'use-1') },
    no: /break-glass/,
  },
  { name: 'a locked account never approves', person: { active: false }, no: /not in use/ },
  {
    name: 'nobody approves what they asked for',
    document: { requestedBy: { kind: 'person', id: 'anna', name: 'Anna' } },
    no: /asked for themselves/,
  },
  {
    name: 'nor with a second account of the same single sign-on subject',
    person: { subjects: ['https://sso\n42'] },
    about: { people: rita({ subjects: ['https://sso\n42'] }) },
    no: /asked for themselves/,
  },
  {
    name: 'nobody approves what is about themselves',
    document: { about: ['anna'] },
    no: /about themselves/,
  },
  {
    name: 'nor what has become about themselves since it was asked for',
    about: { concerned: ['anna'] },
    no: /about themselves/,
  },
  {
    name: 'nobody approves what a robot of theirs asked for',
    document: { requestedBy: { kind: 'robot', id: 'r-1', name: 'nightly' } },
    about: { makers: ['anna'] },
    no: /a robot whose token they made/,
  },
  {
    name: 'nor with their second account',
    person: { subjects: ['s'] },
    document: { requestedBy: { kind: 'robot', id: 'r-1', name: 'nightly' } },
    about: {
      makers: ['anna-2'],
      people: new Map([['anna-2', knownPerson('anna-2', { subjects: ['s'] })]]),
    },
    no: /a robot whose token they made/,
  },
  {
    name: 'who had the rules changed since it was asked for does not approve it',
    about: { editors: ['anna'] },
    no: /rules changed/,
  },
  {
    name: 'nor their second account',
    person: { subjects: ['s'] },
    about: {
      editors: ['other'],
      people: new Map([['other', knownPerson('other', { subjects: ['s'] })]]),
    },
    no: /rules changed/,
  },
  {
    name: 'nobody approves what was asked for by somebody who had the rules changed since',
    about: { editors: ['rita'] },
    no: /asked for anew/,
  },
  {
    name: 'nor by their second account',
    about: {
      editors: ['rita-2'],
      people: new Map([
        ['rita', knownPerson('rita', { subjects: ['s'] })],
        ['rita-2', knownPerson('rita-2', { subjects: ['s'] })],
      ]),
    },
    no: /asked for anew/,
  },
  {
    name: 'who asks for a change of the rules is an editor of them anyway',
    about: { editors: ['rita'], changesRules: true },
  },
  {
    name: 'who edits, asks and approves at once approves nothing',
    document: { requestedBy: { kind: 'person', id: 'anna', name: 'Anna' } },
    about: { editors: ['anna'], changesRules: true },
    no: /asked for themselves/,
  },
  {
    name: 'who edited may approve neither as the one it is about',
    document: { about: ['anna'] },
    about: { editors: ['anna'] },
    no: /about themselves/,
  },
  {
    name: 'what hands a secret over is carried out with a fresh factor',
    deed: 'execute',
    document: { execute: 'by-hand', handsOver: true },
    caller: {
      actor: { kind: 'person', id: 'rita', name: 'Rita' },
      authentication: session(300_001),
    },
    no: /second factor/,
    why: 'step-up',
  },
  {
    name: 'and then by nobody but who asked for it',
    deed: 'execute',
    document: { execute: 'by-hand', handsOver: true },
    no: /only who asked/,
  },
  {
    name: 'a role that somebody gave to themselves does not count',
    person: { holdings: [holding('approver', { givenBy: ['anna'] })] },
    no: /role of approver, owner/,
  },
  {
    name: 'nor one given with their second account',
    person: { subjects: ['s'], holdings: [holding('approver', { givenBy: ['anna-2'] })] },
    about: { people: new Map([['anna-2', knownPerson('anna-2', { subjects: ['s'] })]]) },
    no: /role of approver, owner/,
  },
  {
    name: 'another role does not count',
    person: { holdings: [holding('operator')] },
    no: /role of approver/,
  },
  {
    name: 'a role in a part of where it reaches does not count',
    person: { holdings: [holding('approver', { scope: { groups: ['North/A'] } })] },
    no: /wherever it reaches/,
  },
  {
    name: 'a role held twice counts in both places',
    person: {
      holdings: [
        holding('approver', { scope: { groups: ['North/A'] } }),
        holding('approver', { scope: { groups: ['North/B'] } }),
      ],
    },
  },
  {
    name: 'chargers of no group need a role everywhere',
    person: { holdings: [holding('approver', { scope: { groups: ['North'] } })] },
    document: { groups: ['North/A', null] },
    no: /wherever it reaches/,
  },
  {
    name: 'nobody approves twice',
    about: { approvers: ['anna'] },
    no: /already/,
    why: 'done-before',
  },
  {
    name: 'nor with two accounts',
    person: { subjects: ['s'] },
    about: { approvers: ['x'], people: new Map([['x', knownPerson('x', { subjects: ['s'] })]]) },
    no: /already/,
    why: 'done-before',
  },
  {
    name: 'an old factor has to be shown again',
    caller: { authentication: session(300_001) },
    no: /second factor/,
    why: 'step-up',
  },
  {
    name: 'a veto needs no fresh factor, and a role in a part is enough',
    deed: 'veto',
    person: { holdings: [holding('owner', { scope: { groups: ['North/B'] } })] },
    caller: { authentication: session(9_999_999) },
  },
  {
    name: 'a veto needs a role somewhere it reaches',
    deed: 'veto',
    person: { holdings: [holding('owner', { scope: { groups: ['South'] } })] },
    no: /somewhere it reaches/,
  },
  {
    name: 'robots do not veto',
    deed: 'veto',
    caller: { actor: { kind: 'robot', id: 'anna', name: 'r' } },
    no: /robots never/,
  },
  { name: 'another does not withdraw it', deed: 'withdraw', no: /only who asked/ },
  {
    name: 'who asked for it withdraws it',
    deed: 'withdraw',
    caller: { actor: { kind: 'person', id: 'rita', name: 'Rita' } },
  },
  {
    name: 'what is carried out by itself is not carried out by hand',
    deed: 'execute',
    caller: { actor: { kind: 'person', id: 'rita', name: 'Rita' } },
    no: /by itself/,
  },
  {
    name: 'who asked for it carries it out by hand',
    deed: 'execute',
    document: { execute: 'by-hand' },
    caller: { actor: { kind: 'person', id: 'rita', name: 'Rita' } },
  },
  {
    name: 'another does not carry it out',
    deed: 'execute',
    document: { execute: 'by-hand' },
    no: /only who asked/,
  },
]

for (const one of cases)
  test(one.name, () => {
    const known = knownPerson('anna', { holdings: [holding('approver')], ...one.person })
    const who = {
      actor: { kind: 'person', id: 'anna', name: 'Anna' } as const,
      authentication: session(1_000),
      ...one.caller,
      known,
    }
    const none = { concerned: [], makers: [], editors: [], changesRules: false, approvers: [] }
    const about = { people: rita({}), ...none, now, ...one.about }
    const verdict = mayDecide(one.deed ?? 'approve', who, { ...document, ...one.document }, about)
    if (one.no === undefined) assert.equal(verdict.may, true, JSON.stringify(verdict))
    else {
      assert.ok(!verdict.may)
      assert.match(verdict.because, one.no)
      assert.equal(verdict.why, one.why ?? 'denied')
    }
  })
