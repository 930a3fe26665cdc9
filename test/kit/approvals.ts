import { builtInRoles } from '../../src/policy/roles.ts'
import { rightsOf } from '../../src/policy/rights.ts'
import type { TestContext } from 'node:test'
import { commandKind } from '../../src/approvals/command-kind.ts'
import { openApprovedRequests } from '../../src/approvals/granted.ts'
import type { RequestKind } from '../../src/approvals/kind.ts'
import { openApprovals, type OpenApprovals } from '../../src/approvals/open-approvals.ts'
import type { Holding, KnownPerson } from '../../src/approvals/people.ts'
import type { CommandEngine } from '../../src/commands/open-commands.ts'
import { openPasskeys } from '../../src/identity/passkeys/passkeys.ts'
import type { Context } from '../../src/kernel/actor.ts'
import { uuid7 } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { ProblemError } from '../../src/kernel/problem.ts'
import type { Decision } from '../../src/policy/decision.ts'
import type { Gate } from '../../src/policy/gate.ts'
import { defaultIdentityRules } from '../../src/policy/rules/identity.ts'
import { defaultApprovalRules, type ApprovalRules } from '../../src/policy/rules/approvals.ts'
import type { Database } from '../../src/storage/database.ts'
import { commandBench, type CommandBench } from './command-bench.ts'
import type { TestDatabaseOptions } from './database.ts'
import { allowed, openDoor } from './policy.ts'

export const operatorUrl = 'http://localhost:8080'

export function holding(role: string, over: Partial<Holding> = {}): Holding {
  return { role, scope: 'everywhere', givenBy: [], ...over }
}

export function knownPerson(id: string, over: Partial<KnownPerson> = {}): KnownPerson {
  return { id, name: id, active: true, subjects: [], holdings: [], ...over }
}

/** Requests over real commands and a real database, with people and the policy's words made up. */
export interface ApprovalBench {
  readonly commands: CommandBench
  readonly approvals: OpenApprovals
  /** Changed by tests as they like. */
  readonly people: Map<string, KnownPerson>
  readonly groups: Map<string, string | null>
  rules: ApprovalRules
  /** What the policy says when asked ahead. */
  decision: Decision
  /** Asked before anything is admitted; throws what the policy refuses with. */
  guard: () => void
  readonly kinds: RequestKind[]
  /** Somebody with a session, whose second factor is this old. */
  as(id: string, factorAgeMs?: number): Context
  /** Another node on the same database. */
  beside(): Promise<OpenApprovals>
  /** The commands there are. */
  commandsMade(): Promise<readonly string[]>
}

export async function approvalBench(
  t: TestContext,
  chargers: readonly string[] = ['CP-1', 'CP-2'],
  databaseOptions: TestDatabaseOptions = {},
): Promise<ApprovalBench> {
  const commands = await commandBench(t, chargers, databaseOptions)
  const { clock, audit } = commands
  const nodes: OpenApprovals[] = []
  const holdersOf = (roles: readonly string[]) =>
    [...bench.people.values()]
      .filter(({ holdings }) => holdings.some(({ role }) => roles.includes(role)))
      .map(({ id }) => id)

  function gateOn(database: Database) {
    const approved = openApprovedRequests({ database, audit, clock })
    const gate: Gate = {
      ...openDoor,
      explain: () => Promise.resolve(bench.decision),
      async admit(context, asked) {
        bench.guard()
        if (asked.approval === undefined)
          throw new ProblemError('approval-needed', 'others have to approve it first')
        const granted = await approved.granted(asked.approval, context.actor.id, asked)
        if ('because' in granted) throw new ProblemError('denied', granted.because)
        const { id, digest } = granted
        const changes = [approved.use(granted, context)]
        return { decision: allowed, changes, approval: { id, digest } }
      },
    }
    return { gate, write: approved.write }
  }

  function open(database: Database, engine: CommandEngine): OpenApprovals {
    const { gate, write } = gateOn(database)
    const newId = uuid7(clock)
    const command = commandKind({
      commands: engine,
      gate: {
        explain: (caller, asked) => gate.explain(caller, asked),
        rightsOf: () => rightsOf([{ role: builtInRoles.owner, scope: 'everywhere' }]),
      },
      clock,
      standingOf: (identities) =>
        Promise.resolve(
          identities.map((charger) => {
            const group = bench.groups.get(charger) ?? null
            return { charger, group, site: null, watts: 7_000 }
          }),
        ),
    })
    const recordedBy = { database, audit, clock, newId, log: silentLog }
    const node = openApprovals({
      ...recordedBy,
      bus: commands.bus,
      directory: {
        look: (ids) =>
          Promise.resolve(
            new Map(
              ids.flatMap((id) => {
                const known = bench.people.get(id)
                return known === undefined ? [] : [[id, known] as const]
              }),
            ),
          ),
        inUse: ({ id }) => Promise.resolve(bench.people.get(id)?.active === true),
        makersOf: () => Promise.resolve([]),
        holdersOf: (roles) => Promise.resolve(holdersOf(roles)),
        deciders: () => Promise.resolve(holdersOf(['approver', 'owner'])),
      },
      breakGlass: { standingOf: () => Promise.resolve(undefined) },
      kinds: [command, ...bench.kinds],
      rules: () => bench.rules,
      passkeys: openPasskeys({
        ...recordedBy,
        ...{ operatorUrl: () => operatorUrl, figures: () => defaultIdentityRules },
      }),
      commands: engine,
      use: write,
    })
    nodes.push(node)
    return node
  }

  const bench: Omit<ApprovalBench, 'approvals'> = {
    commands,
    people: new Map(),
    groups: new Map(),
    rules: defaultApprovalRules,
    decision: allowed,
    guard: () => undefined,
    kinds: [],
    as: (id, factorAgeMs = 0) => ({
      actor: { kind: 'person', id, name: id },
      origin: { face: 'api', address: '10.0.0.1' },
      authentication: {
        by: 'session',
        id: `session of ${id}`,
        factors: { password: clock.now() - factorAgeMs, totp: clock.now() - factorAgeMs },
      },
    }),
    async beside() {
      const engine = await commands.beside('same bus')
      return open(commands.database.database, engine)
    },
    async commandsMade() {
      const { rows } = await commands.database.sql<{ id: string }>('select id from command')
      return rows.map(({ id }) => id)
    },
  }
  commands.policy = gateOn(commands.database.database).gate
  t.after(() => Promise.all(nodes.map((node) => node.close())))
  const approvals = open(commands.database.database, commands.engine)
  return Object.assign(bench, { approvals })
}
