import { isDeepStrictEqual } from 'node:util'
import type { TestContext } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { buildApi } from '../../src/api/api.ts'
import type { ApiParts, App } from '../../src/api/app.ts'
import type { AuditEntry } from '../../src/audit/audit.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { memoryBus } from '../../src/bus/memory.ts'
import type { CommandDetail, Target } from '../../src/commands/commands.ts'
import type { Charger, Group } from '../../src/fleet/fleet.ts'
import type { Caller } from '../../src/identity/caller.ts'
import type { Identity } from '../../src/identity/identity.ts'
import type { Token } from '../../src/identity/tokens/token.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { uuid7 } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { operations } from '../../src/operations/catalogue.ts'
import { rightsOf } from '../../src/policy/rights.ts'
import { builtInRoles } from '../../src/policy/roles.ts'

/** A call that reached a room behind the API. */
export interface Reached {
  readonly room: string
  readonly deed: string
  readonly args: readonly unknown[]
}

type Answers<Room> = { [Deed in keyof Room]?: Room[Deed] | undefined }

/** A room that notes what it is asked and answers what the test says. Who asks may see everything. */
function fakeRoom<Room extends object>(
  name: string,
  reached: Reached[],
  answers: Answers<Room>,
): Room {
  return new Proxy({} as Room, {
    get(_target, deed) {
      if (typeof deed !== 'string') return undefined
      if (deed === 'within') return () => Promise.resolve(undefined)
      return (...args: unknown[]) => {
        reached.push({ room: name, deed, args: withoutScope(args) })
        const answer = answers[deed as keyof Room] as ((...args: unknown[]) => unknown) | undefined
        if (answer === undefined) throw new Error(`nobody told the fake how to ${deed}`)
        return answer(...args)
      }
    },
  })
}

const everywhere = [
  undefined,
  'everywhere',
  { named: 'everywhere', selected: 'everywhere' },
  { reach: { named: 'everywhere', selected: 'everywhere' } },
]

/** What is asked, without the scope at its end: everywhere is what rooms assume without one. */
function withoutScope(args: readonly unknown[]): readonly unknown[] {
  return args.length > 0 && everywhere.some((one) => isDeepStrictEqual(one, args.at(-1)))
    ? withoutScope(args.slice(0, -1))
    : args
}

export interface ApiWorld {
  readonly app: App
  readonly bus: Bus
  readonly clock: ManualClock
  /** What reached the fleet, the commands, the audit and the tokens, in order. */
  readonly reached: Reached[]
  /** A request with the owner's token. */
  ask(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT' | 'HEAD',
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<LightMyRequestResponse>
}

/** Somebody who showed everything just now. */
export const ownerCaller: Caller = {
  actor: { kind: 'person', id: 'owner', name: 'owner' },
  authentication: { by: 'session', id: 's1', factors: {} },
}

export const ownerSecret = `ota_${'a'.repeat(43)}`

export const someCharger: Charger = {
  identity: 'CP 1',
  group: 'North/Depot',
  tags: ['fast'],
  connected: true,
  protocol: 'ocpp1.6',
  vendor: 'Vendor',
  model: 'M1',
  serialNumber: null,
  firmware: '1.0',
  bootState: 'accepted',
  connectors: [
    {
      evse: 1,
      connector: 1,
      status: 'Available',
      statusAt: '2026-01-01T00:00:00.000Z',
      error: null,
      meter: [
        {
          measurand: 'Energy.Active.Import.Register',
          phase: null,
          value: 12.5,
          unit: 'Wh',
          at: '2026-01-01T00:00:00.000Z',
        },
      ],
    },
  ],
  lastSeenAt: '2026-01-01T00:00:00.000Z',
  connectedAt: null,
  clockSkewMs: -12.5,
  clockUncertaintyMs: 1000,
  roundTripMs: null,
  roundTrips: { medianMs: 40, p95Ms: 900, samples: 60 },
  conditions: [
    {
      kind: 'silent',
      since: '2026-01-01T00:00:00.000Z',
      sentence: 'Nothing has come.',
      evidence: { expectedWithinMs: 180_000 },
    },
  ],
  tracedUntil: null,
  registeredAt: '2026-01-01T00:00:00.000Z',
  faults: 0,
  activeSessions: 0,
  maintenance: null,
  securityProfile: 2,
  lowestSecurityProfile: 1,
}

export const someGroup: Group = {
  id: 'g1',
  path: 'North',
  name: 'North',
  kind: 'organisation',
  chargers: 1,
}

export const someTarget: Target = {
  id: 'd1',
  charger: 'CP 1',
  state: 'reconciled',
  detail: null,
  call: { version: '1.6', action: 'Reset', payload: { type: 'Soft' } },
  answer: { status: 'Accepted' },
  result: null,
  outcome: 'succeeded',
  sentAt: null,
  updatedAt: '2026-01-01T00:00:00.000Z',
}

export const someEntry: AuditEntry = {
  sequence: 7,
  hash: 'ab',
  at: Date.parse('2026-01-01T00:00:00Z'),
  actor: { kind: 'person', id: 'owner', name: 'owner' },
  origin: { face: 'api', address: '127.0.0.1', requestId: 'r1' },
  event: 'command.submitted',
  command: 'c1',
  detail: { params: { kind: 'now', nested: [1, { two: null }] } },
}

export const someCommand: CommandDetail = {
  id: 'c1',
  operation: 'charger.reset',
  params: { nested: { anything: [true] } },
  reason: 'stuck',
  actor: { kind: 'person', id: 'owner', name: 'owner' },
  submittedAt: '2026-01-01T00:00:00.000Z',
  notAfter: '2026-01-01T01:00:00.000Z',
  pace: { maxRunning: 200, perMinute: null },
  state: 'running',
  total: 2,
  hidden: 0,
  counts: { sent: 1, 'accepted-unverified': 1 },
  settled: false,
  cancelled: false,
  targets: [someTarget],
  history: [someEntry],
}

export const someToken: Token = {
  id: 't1',
  name: 'ci',
  local: false,
  grants: [{ role: 'operator', group: 'North' }],
  budgets: { perHour: [{ operations: ['charger.reset'], limit: 20 }] },
  madeBy: { kind: 'person', id: 'owner', name: 'owner' },
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-04-01T00:00:00.000Z',
  lastUsedAt: null,
}

/** The operator plane over rooms that only note what reaches them. */
export async function apiWorld(
  t: TestContext,
  answers: {
    fleet?: Answers<ApiParts['fleet']>
    timeline?: Answers<ApiParts['timeline']>
    trace?: Answers<ApiParts['trace']>
    reconciliation?: Answers<ApiParts['reconciliation']>
    alerts?: Answers<ApiParts['alerts']>
    access?: Answers<ApiParts['access']>
    commands?: Answers<ApiParts['commands']>
    approvals?: Answers<ApiParts['approvals']>
    breakGlass?: Answers<ApiParts['breakGlass']>
    energy?: Answers<ApiParts['energy']>
    maintenance?: Answers<ApiParts['maintenance']>
    commissioning?: Answers<ApiParts['commissioning']>
    files?: Answers<ApiParts['files']>
    firmware?: Answers<ApiParts['firmware']>
    trust?: Answers<ApiParts['trust']>
    audit?: Answers<ApiParts['audit']>
    identity?: IdentityAnswers
    proofs?: Answers<ApiParts['proofs']>
    erasures?: Answers<ApiParts['erasures']>
    policy?: Partial<ApiParts['policy']>
    parts?: Partial<ApiParts>
  } = {},
): Promise<ApiWorld> {
  const reached: Reached[] = []
  const clock = new ManualClock()
  const bus = memoryBus({ clock })
  const parts: ApiParts = {
    fleet: fakeRoom('fleet', reached, answers.fleet ?? {}),
    timeline: fakeRoom('timeline', reached, answers.timeline ?? {}),
    trace: fakeRoom('trace', reached, answers.trace ?? {}),
    alerts: fakeRoom('alerts', reached, answers.alerts ?? {}),
    reconciliation: fakeRoom('reconciliation', reached, answers.reconciliation ?? {}),
    access: fakeRoom('access', reached, answers.access ?? {}),
    commands: fakeRoom('commands', reached, answers.commands ?? {}),
    approvals: fakeRoom('approvals', reached, answers.approvals ?? {}),
    energy: fakeRoom('energy', reached, answers.energy ?? {}),
    maintenance: fakeRoom('maintenance', reached, answers.maintenance ?? {}),
    commissioning: fakeRoom('commissioning', reached, answers.commissioning ?? {}),
    files: fakeRoom('files', reached, answers.files ?? {}),
    firmware: fakeRoom('firmware', reached, answers.firmware ?? {}),
    trust: fakeRoom('trust', reached, answers.trust ?? {}),
    audit: fakeRoom('audit', reached, answers.audit ?? {}),
    proofs: fakeRoom('proofs', reached, answers.proofs ?? {}),
    erasures: fakeRoom('erasures', reached, answers.erasures ?? {}),
    identity: {
      ...fakeIdentity(reached, answers.identity ?? {}),
      recognise: answers.identity?.recognise ?? (() => undefined),
      authenticate:
        answers.identity?.authenticate ??
        ((secret) => Promise.resolve(secret === ownerSecret ? ownerCaller : undefined)),
    },
    passkeys: fakeRoom<ApiParts['passkeys']>('passkeys', reached, { unavailable: () => undefined }),
    breakGlass: fakeRoom<ApiParts['breakGlass']>('breakGlass', reached, {
      unreviewed: () => Promise.resolve([]),
      ...answers.breakGlass,
    }),
    singleSignOn: undefined,
    policy: fakePolicy(reached, answers.policy ?? {}),
    operations,
    bus,
    clock,
    newId: uuid7(clock),
    log: silentLog,
    system: {
      version: '1.2.3',
      roles: ['gateway', 'control'],
      startedAt: clock.now() - 5_000,
      listeners: () => ({ operator: '127.0.0.1:8080' }),
      operatorUrl: () => 'http://localhost:8080',
    },
    ...answers.parts,
  }
  const app = await buildApi(parts)
  t.after(async () => {
    const closed = app.close()
    await clock.advance(60_000)
    await closed
    await bus.close()
  })
  return {
    app,
    bus,
    clock,
    reached,
    ask: (method, url, body, headers = {}) =>
      app.inject({
        method,
        url,
        headers: { authorization: `Bearer ${ownerSecret}`, ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      }),
  }
}

/** Allows everybody everything. */
export const allowingPolicy = {
  rightsOf: () => rightsOf([{ role: builtInRoles.owner, scope: 'everywhere' }]),
  placesOf: () => Promise.resolve(new Map()),
  refused: () => undefined,
} satisfies Partial<ApiParts['policy']>

/** What every request asks of it is not noted. */
function fakePolicy(reached: Reached[], answers: Partial<ApiParts['policy']>): ApiParts['policy'] {
  const room = fakeRoom<ApiParts['policy']>('policy', reached, answers)
  const quiet = { ...allowingPolicy, ...answers }
  return {
    rightsOf: quiet.rightsOf,
    placesOf: quiet.placesOf,
    refused: quiet.refused,
    roles: () => room.roles(),
    teams: () => room.teams(),
    bindings: (...asked) => room.bindings(...asked),
    binding: (id) => room.binding(id),
    version: () => room.version(),
    versions: (page) => room.versions(page),
    rules: () => room.rules(),
    explain: (...asked) => room.explain(...asked),
    looksAgain: (operation) => room.looksAgain(operation),
    against: (...waited) => room.against(...waited),
    admit: (...asked) => room.admit(...asked),
    apply: (...asked) => room.apply(...asked),
    checkMeaning: (rules) => room.checkMeaning(rules),
    checkBinding: (wanted) => room.checkBinding(wanted),
    wideToken: (token, maker) => room.wideToken(token, maker),
    heldRoles: (persons) => room.heldRoles(persons),
    holdersOf: (roles) => room.holdersOf(roles),
    deciders: () => room.deciders(),
  }
}

type Nested =
  'tokens' | 'people' | 'sessions' | 'signIns' | 'factors' | 'invitations' | 'enrolments'
type IdentityAnswers = Answers<Omit<Identity, Nested>> & {
  readonly [Room in Nested]?: Answers<Identity[Room]>
}

function fakeIdentity(reached: Reached[], answers: IdentityAnswers): Identity {
  const {
    tokens = {},
    people = {},
    sessions = {},
    signIns = {},
    factors = {},
    invitations = {},
    enrolments = {},
    ...own
  } = answers
  const room = fakeRoom<Identity>('identity', reached, own)
  return {
    authenticate: (secret) => room.authenticate(secret),
    recognise: (secret) => room.recognise(secret),
    holds: () => Promise.resolve(true),
    tokens: fakeRoom('tokens', reached, tokens),
    people: fakeRoom('people', reached, people),
    sessions: fakeRoom('sessions', reached, {
      of: () => Promise.resolve([]),
      secretOf: () => undefined,
      cookieOf: (secret) => `${secret}.signed`,
      csrfToken: (secret) => `csrf-${secret}`,
      ...sessions,
    }),
    signIns: fakeRoom('signIns', reached, signIns),
    factors: fakeRoom('factors', reached, factors),
    invitations: fakeRoom('invitations', reached, invitations),
    enrolments: fakeRoom('enrolments', reached, enrolments),
    close: () => Promise.resolve(),
  }
}

/** The answer's body as a problem. */
export function problemIn(response: LightMyRequestResponse): {
  code: string
  status: number
  field?: string
  detail: string
  type: string
  title: string
  instance: string
} {
  return response.json()
}
