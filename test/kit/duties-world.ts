import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Secret, TOTP } from 'otpauth'
import { commandKind } from '../../src/approvals/command-kind.ts'
import { maintenanceKind } from '../../src/approvals/maintenance-kind.ts'
import { openApprovedRequests } from '../../src/approvals/granted.ts'
import { openApprovals } from '../../src/approvals/open-approvals.ts'
import { openAudit } from '../../src/audit/open-audit.ts'
import { subscribeEvents, type ProductEvent } from '../../src/bus/events.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { memoryBus } from '../../src/bus/memory.ts'
import { openCommands } from '../../src/commands/open-commands.ts'
import { letIn, shutOut } from '../../src/commands/shut-out.ts'
import { commandsPast } from '../../src/commands/standing.ts'
import { approversOf, ownersBy, peopleKinds, principalsOf } from '../../src/compose-people.ts'
import { openEnergy } from '../../src/energy/open-energy.ts'
import { learn } from '../../src/fleet/learned/learn.ts'
import { openFleet } from '../../src/fleet/open-fleet.ts'
import { chargerStandings } from '../../src/fleet/standing/store.ts'
import { openIdentity } from '../../src/identity/identity.ts'
import { openPasskeys } from '../../src/identity/passkeys/passkeys.ts'
import { openPasswords } from '../../src/identity/people/passwords.ts'
import type { WideToken } from '../../src/identity/tokens/open-tokens.ts'
import type { RoleMapping } from '../../src/identity/single-sign-on/role-mapping.ts'
import { callbackPath, openWaysIn } from '../../src/identity/ways-in.ts'
import { followProvider } from '../../src/policy/deciders.ts'
import { systemContext } from '../../src/kernel/actor.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { uuid7 } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { noFileLinks } from '../../src/operations/file-links.ts'
import { bindFirstRole } from '../../src/policy/first-role.ts'
import { openPolicy } from '../../src/policy/open-policy.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { defaultRules } from '../../src/policy/rules/rules.ts'
import { openUpkeep } from '../../src/upkeep/open-upkeep.ts'
import { apiWorld } from './api-world.ts'
import { testDatabase } from './database.ts'
import { followTo, oidcProvider, type Visitor } from './oidc-provider.ts'
import { goodPassword } from './people-world.ts'
import { noSingleSignOn } from './sign-in-world.ts'

/** Somebody with an account, and a session in which they just showed a second factor. */
export interface Member {
  readonly id: string
  readonly name: string
  readonly session: string
  /** Of the authenticator app, base32. */
  readonly totp: string
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT'
const operatorUrl = () => 'http://localhost'
const cheap = { memoryCost: 64, timeCost: 1, parallelism: 1 }

export interface Request {
  readonly id: string
  readonly digest: string
  readonly state: string
  readonly detail: string | null
  readonly kind: string
  readonly execute: string
  readonly needs: { readonly bootstrap: boolean }
}

/**
 * The operator plane over the real rooms of people, policy, approvals and commands, wired as the product wires
 * them, on a real database and a clock of its own. Chargers are registered and offline.
 */
export async function dutiesWorld(
  t: TestContext,
  options: {
    readonly firstRules?: string
    readonly chargers?: readonly string[]
    /** With a real provider, whose groups give these roles. */
    readonly signOn?: RoleMapping
  } = {},
) {
  const { database, sql } = await testDatabase(t)
  const dataDir = await mkdtemp(join(tmpdir(), 'ota-duties-'))
  t.after(() => rm(dataDir, { recursive: true, force: true }))
  // A provider's clock is the machine's.
  const clock = options.signOn === undefined ? new ManualClock() : new ManualClock(Date.now())
  const bus = memoryBus({ clock })
  const told: ProductEvent[] = []
  subscribeEvents(bus, (event) => told.push(event))
  const audit = openAudit({ database })
  const newId = uuid7(clock)
  const shared = { database, audit, bus, clock, newId, log: silentLog }
  const signingIn = { ...shared, figures: () => defaultRules.identity, operatorUrl }
  const passkeys = openPasskeys(signingIn)
  const wideToken: WideToken = (token, maker) => policy.wideToken(token, maker)
  const identity = await openIdentity({
    ...{ ...signingIn, dataDir, furtherFactors: [passkeys.secondFactor], wideToken },
    passwords: openPasswords(cheap),
    shuttingOut: { shutOut, letIn },
    owners: (query) => ownersBy(waysIn, clock)(query),
    bindRole: (tx, context, given) =>
      bindFirstRole(tx, context, { ...given, id: newId(), at: clock.now() }),
  })
  const provided = options.signOn && (await providerOf(t, dataDir, options.signOn))
  const waysInOpened = await openWaysIn({
    ...{ ...signingIn, identity, settings: provided?.settings ?? noSingleSignOn },
    ...{ followGroups: followProvider },
  })
  const { breakGlass, singleSignOn } = waysInOpened
  const waysIn = { breakGlass, singleSignOn }
  const fleet = openFleet({ ...shared, expel: () => undefined })
  const policyOn = (bus: Bus) =>
    openPolicy({
      ...{ ...shared, bus, fleet, past: commandsPast(database) },
      principals: principalsOf({ identity, waysIn }),
      ...(options.firstRules === undefined ? {} : { firstRules: options.firstRules }),
    })
  const policy = await policyOn(bus)
  const approved = openApprovedRequests({ database, audit, clock })
  policy.approveWith(approved)
  const commands = await openCommands({
    ...{ ...shared, fleet, policy, learn, links: noFileLinks, gatewayRestarted: true },
    supplies: () => Promise.resolve(null),
  })
  const ofRooms = { ...shared, fleet, commands, policy }
  const upkeep = await openUpkeep({ ...ofRooms, settings: { interview: false } })
  const energy = openEnergy(ofRooms)
  const asCommands = {
    ...{ commands, gate: policy, clock },
    standingOf: async (some: readonly string[]) => [
      ...(await chargerStandings(database, some)).values(),
    ],
  }
  const approvalsBy = (policy: Policy) => {
    const directory = approversOf({ identity, waysIn }, policy, clock)
    return openApprovals({
      ...{ ...shared, commands, passkeys, use: approved.write },
      ...{ breakGlass, directory },
      kinds: [
        commandKind(asCommands),
        maintenanceKind({ ...asCommands, maintenance: upkeep.maintenance }),
        ...peopleKinds({ identity, waysIn }, policy, directory, clock, operatorUrl),
      ],
      rules: () => policy.rules().approvals,
    })
  }
  const approvals = approvalsBy(policy)
  const system = { version: '0', roles: [], startedAt: 0, listeners: () => ({}), operatorUrl }
  const { app } = await apiWorld(t, {
    parts: {
      ...{ identity, passkeys, ...waysIn, policy, approvals, commands, fleet, energy },
      ...{ maintenance: upkeep.maintenance, ...shared, system },
    },
  })
  t.after(async () => {
    await approvals.close()
    await energy.close()
    await upkeep.close()
    await commands.close()
    await policy.close()
    waysInOpened.close()
    await identity.close()
    await bus.close()
  })
  for (const charger of options.chargers ?? [])
    await fleet.register(systemContext, { identity: charger })

  async function ask(method: Method, url: string, as?: string, body?: object) {
    const response = await app.inject({
      ...{ method, url: `/api/v1${url}`, remoteAddress: '192.0.2.1' },
      headers: as === undefined ? {} : { authorization: `Bearer ${as}` },
      ...(body === undefined ? {} : { payload: body }),
    })
    return { status: response.statusCode, body: response.body, json: <T>() => response.json<T>() }
  }
  /** Asks, and takes the answer only with this status. */
  async function must<T>(status: number, ...asked: Parameters<typeof ask>): Promise<T> {
    const answer = await ask(...asked)
    assert.equal(answer.status, status, `${asked[0]} ${asked[1]}: ${answer.body}`)
    return answer.status === 204 ? (undefined as T) : answer.json<T>()
  }
  function code({ totp }: Pick<Member, 'totp'>): string {
    return new TOTP({ secret: Secret.fromBase32(totp) }).generate({ timestamp: clock.now() })
  }

  return {
    /** Where the plane listens, once asked. */
    address: () => app.listen({ host: '127.0.0.1', port: 0 }),
    ...{
      ask,
      must,
      code,
      clock,
      told,
      audit,
      sql,
      fleet,
      policy,
      identity,
      waysIn,
      approvals,
      database,
    },
    /** The code it is refused with; undefined: it is not. */
    refusal: async (...asked: Parameters<typeof ask>): Promise<string | undefined> => {
      const answer = await ask(...asked)
      return answer.status < 300 ? undefined : answer.json<{ code: string }>().code
    },
    enrol: async (name: string): Promise<Member> => {
      const { invitations, enrolments } = identity
      const issued = (await invitations.first()) ?? (await invitations.create(systemContext, {}))
      const client = { origin: { face: 'api', address: '192.0.2.1' } } as const
      const wish = { invitation: issued.secret, name, password: goodPassword, displayName: name }
      const { enrolment, totp } = await enrolments.begin(client, wish)
      const shown = { enrolment, code: code({ totp: totp.secret }), carried: 'secret' } as const
      const { secret, person } = await enrolments.confirm(client, shown)
      return { id: person.id, name, session: secret, totp: totp.secret }
    },
    /** Somebody comes by the provider, who says of them what is given. */
    arrive: async (visitor: Visitor): Promise<Pick<Member, 'id' | 'name' | 'session'>> => {
      const [signOn, { provider }] = [waysIn.singleSignOn!, provided!]
      provider.visitor = visitor
      const { url, seed } = await signOn.beginSignIn()
      const client = { origin: { face: 'api', address: '192.0.2.1' } } as const
      const answered = await followTo(url, redirectUri)
      const arrival = await signOn.finish({ ...client, seed, answered })
      assert.ok(arrival.kind === 'sign-in', JSON.stringify(arrival))
      const { id, displayName } = await identity.people.show(arrival.person)
      const { secret } = await identity.sessions.open({
        ...{ person: { id, displayName }, factors: arrival.factors, client, carried: 'secret' },
      })
      return { id, name: displayName, session: secret }
    },
    /** Approvals on another node, which hears nothing of what changes. */
    deafNode: async () => {
      const policy = await policyOn(memoryBus({ clock }))
      const approvals = approvalsBy(policy)
      t.after(async () => {
        await approvals.close()
        await policy.close()
      })
      return approvals
    },
    /** Gives a role as if others had agreed to it before. */
    give: (person: Member, role: string, group: string | null = null) =>
      policy.apply(
        systemContext,
        {
          ...{ kind: 'binding', principal: { kind: 'person', id: person.id } },
          ...{ role, group, until: null },
        },
        { reason: 'as agreed' },
      ),
    /** Shows a second factor again, with a code that was not used. */
    freshen: async (person: Member): Promise<void> => {
      await clock.advance(30_000)
      const shown = { factor: 'totp', code: code(person) }
      await must(204, 'POST', '/session/step-up', person.session, shown)
    },
    request: (person: Pick<Member, 'session'>, asked: object) =>
      must<Request>(201, 'POST', '/approval-requests', person.session, asked),
    approve: (person: Pick<Member, 'session'>, { id, digest }: Request) =>
      must<Request>(200, 'POST', `/approval-requests/${id}/approve`, person.session, { digest }),
    execute: (person: Member, { id }: Request) =>
      must<Request & { handedOver: Record<string, string> | null }>(
        200,
        'POST',
        `/approval-requests/${id}/execute`,
        person.session,
      ),
    /** The request as it is now, once nothing is being carried out. */
    now: async ({ id }: Request): Promise<Request> => {
      await approvals.sweep()
      await approvals.idle()
      const { rows } = await sql<Request>(
        'select id, digest, state, detail, kind, execution as execute, needs from approval_request where id = $1',
        [id],
      )
      return rows[0]!
    },
    /** Entries of the record with this event, oldest first. */
    events: (event: string) => audit.list({ event, limit: 100 }),
  }
}

const redirectUri = `${operatorUrl()}${callbackPath}`

async function providerOf(t: TestContext, folder: string, mapping: RoleMapping) {
  const provider = await oidcProvider(t, { redirectUris: [redirectUri] })
  const [oidcClientSecretFile, oidcRolesFile] = [join(folder, 'secret'), join(folder, 'roles')]
  await writeFile(oidcClientSecretFile, provider.clientSecret)
  await writeFile(oidcRolesFile, JSON.stringify(mapping))
  const settings = {
    ...{ ...noSingleSignOn, oidcClientSecretFile, oidcRolesFile, oidcProvision: true },
    ...{ oidcIssuer: provider.issuer, oidcClientId: provider.clientId },
    oidcMfaAcr: ['several-factors'],
  }
  return { provider, settings }
}

export type DutiesWorld = Awaited<ReturnType<typeof dutiesWorld>>
