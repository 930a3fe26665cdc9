import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { Secret, TOTP } from 'otpauth'
import type { App } from '../../src/api/app.ts'
import { openAudit } from '../../src/audit/open-audit.ts'
import { memoryBus } from '../../src/bus/memory.ts'
import { subscribeEvents, type ProductEvent } from '../../src/bus/events.ts'
import type { IdentityFigures } from '../../src/identity/figures.ts'
import { openIdentity, type Identity } from '../../src/identity/identity.ts'
import { openPasswords } from '../../src/identity/people/passwords.ts'
import { systemContext } from '../../src/kernel/actor.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { uuid7 } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { defaultRules } from '../../src/policy/rules/rules.ts'
import { sharedPlane } from './shared-planes.ts'
import { testDatabase, type TestDatabase } from './database.ts'

export const goodPassword = 'gravel otter 71 lampshade'

/** A request of a test, with the session of somebody or nobody's. */
export interface Asking {
  readonly body?: unknown
  /** A session or token as a bearer secret. */
  readonly as?: string | undefined
  readonly cookie?: string
  readonly headers?: Readonly<Record<string, string>>
  /** From where; each test's own machine without it. */
  readonly from?: string
  /** Which of the nodes answers; the first without it. */
  readonly node?: number
}
type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT'

/** Somebody who enrolled, with everything they were given. */
export interface Somebody {
  readonly id: string
  readonly name: string
  readonly password: string
  /** Of the authenticator app, base32. */
  readonly totp: string
  /** A session, as a bearer secret. */
  readonly session: string
  readonly recoveryCodes: readonly string[]
}

export interface PeopleWorld {
  readonly db: TestDatabase
  readonly clock: ManualClock
  readonly identity: Identity
  readonly apps: readonly App[]
  /** What the product told those who watch. */
  readonly told: ProductEvent[]
  /** How many passwords were compared so far, somebody's or nobody's. */
  readonly compared: () => number
  readonly ask: (method: Method, url: string, asking?: Asking) => Promise<LightMyRequestResponse>
  /** The secret of the link of an invitation to enrol. */
  readonly link: () => Promise<string>
  readonly enrol: (name: string) => Promise<Somebody>
  /** The code their app shows now. */
  readonly code: (person: Pick<Somebody, 'totp'>) => string
  /** Signs in as a program does; the clock moves on to a code that was not used. */
  readonly signIn: (
    person: Somebody,
    asking?: Asking,
  ) => Promise<{ secret: string; device: string }>
  /** The record, oldest first. */
  readonly recorded: () => Promise<
    { event: string; actor: string; detail: Record<string, unknown> }[]
  >
}

/** Every request that succeeded in any world of this file. */
export const succeeded: { method: Method; path: string }[] = []

const cheap = { memoryCost: 64, timeCost: 1, parallelism: 1 }

/** The operator plane with the real accounts of people, on as many nodes as wanted. */
export async function peopleWorld(
  t: TestContext,
  options: {
    readonly nodes?: number
    readonly figures?: Partial<IdentityFigures>
    readonly operatorUrl?: string
    readonly trustedProxies?: readonly string[]
  } = {},
): Promise<PeopleWorld> {
  const { nodes = 1, operatorUrl = 'http://localhost', trustedProxies = [] } = options
  const db = await testDatabase(t)
  const { database } = db
  const clock = new ManualClock()
  const bus = memoryBus({ clock })
  const audit = openAudit({ database })
  const dataDir = await mkdtemp(join(tmpdir(), 'ota-people-'))
  t.after(() => rm(dataDir, { recursive: true, force: true }))
  const told: ProductEvent[] = []
  subscribeEvents(bus, (event) => told.push(event))
  let compared = 0
  const passwords = openPasswords(cheap)
  const figures = { ...defaultRules.identity, ...options.figures }
  const houses: { identity: Identity; app: App }[] = []
  for (let node = 0; node < nodes; node += 1) {
    const identity = await openIdentity({
      ...{ database, audit, bus, clock, newId: uuid7(clock), log: silentLog },
      ...{ dataDir, figures: () => figures },
      passwords: {
        hash: (password) => passwords.hash(password),
        verify(hash, password) {
          compared += 1
          return passwords.verify(hash, password)
        },
      },
    })
    t.after(() => identity.close())
    const app = await sharedPlane(node, { operatorUrl, trustedProxies }, { identity, clock })
    houses.push({ identity, app })
  }
  const { identity } = houses[0]!

  async function ask(method: Method, url: string, asking: Asking = {}) {
    const { body, as, cookie, headers = {}, from = '192.0.2.1', node = 0 } = asking
    const response = await houses[node]!.app.inject({
      method,
      url: `/api/v1${url}`,
      remoteAddress: from,
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
        ...(cookie === undefined ? {} : { cookie }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: body as object }),
    })
    if (response.statusCode < 300) succeeded.push({ method, path: `/api/v1${url}` })
    return response
  }

  function code({ totp }: Pick<Somebody, 'totp'>): string {
    return new TOTP({ secret: Secret.fromBase32(totp) }).generate({ timestamp: clock.now() })
  }

  async function link(): Promise<string> {
    const first = await identity.invitations.first()
    if (first !== undefined) return first.secret
    return (await identity.invitations.create(systemContext, {})).secret
  }

  return {
    ...{ db, clock, identity, told, ask, link, code },
    apps: houses.map(({ app }) => app),
    compared: () => compared,

    async enrol(name) {
      const invitation = await link()
      const body = { invitation, name, password: goodPassword, displayName: `${name} of the test` }
      const begun = await ask('POST', '/enrolments', { body })
      assert.equal(begun.statusCode, 201, begun.body)
      const { enrolment, totp } = begun.json<{ enrolment: string; totp: { secret: string } }>()
      const shown = { enrolment, code: code({ totp: totp.secret }), carried: 'secret' }
      const done = await ask('POST', '/enrolments/confirm', { body: shown })
      assert.equal(done.statusCode, 201, done.body)
      const { secret, person, recoveryCodes } = done.json<{
        secret: string
        person: { id: string }
        recoveryCodes: string[]
      }>()
      return {
        ...{ id: person.id, name, password: goodPassword, totp: totp.secret },
        ...{ session: secret, recoveryCodes },
      }
    },

    async signIn(person, asking = {}) {
      await clock.advance(30_000)
      const { name, password } = person
      const first = await ask('POST', '/sign-in', { ...asking, body: { name, password } })
      assert.equal(first.statusCode, 200, first.body)
      const { signIn } = first.json<{ signIn: string }>()
      const body = { signIn, factor: 'totp', code: code(person), carried: 'secret' }
      const second = await ask('POST', '/sign-in/second-factor', { ...asking, body })
      assert.equal(second.statusCode, 200, second.body)
      return second.json<{ secret: string; device: string }>()
    },

    async recorded() {
      const entries = await audit.list({ limit: 1000 })
      return entries.map(({ event, actor, detail }) => ({ event, actor: actor.id, detail }))
    },
  }
}

/** The cookies an answer sets, by name, each with its attributes. */
export function cookiesOf(response: LightMyRequestResponse): Map<string, string> {
  const header = response.headers['set-cookie'] ?? []
  const all = Array.isArray(header) ? header : [header]
  return new Map(all.map((one) => [one.slice(0, one.indexOf('=')), one]))
}
