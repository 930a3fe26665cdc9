import type { Audit } from '../audit/audit.ts'
import type { Bus } from '../bus/bus.ts'
import { identityChangedSubject } from '../identity/identity.ts'
import { every, type Clock } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import { ProblemError } from '../kernel/problem.ts'
import { change as toCommit, type Database } from '../storage/database.ts'
import { openGate } from './admission.ts'
import { nobodyWatches, type Watch } from './attempt.ts'
import { nothingApproved, type ApprovedRequests } from './approved.ts'
import { policyWrite } from './change.ts'
import type { Judges } from './decide.ts'
import { openFigures } from './figures.ts'
import { checkBinding, checkMeaning } from './fits.ts'
import { ensureFirstRules } from './first-rules.ts'
import { openHolders, roleNamed, type Principals } from './holders.ts'
import { placesOfChargers, type FindPlaces } from './places.ts'
import type { Policy } from './policy.ts'
import { refusalRecord } from './refusals.ts'
import { assess } from './risk/assess.ts'
import { allDeciders, customRoles, groupIdOf, heldRoles, holdersOf } from './role-store.ts'
import { roleRule } from './role-rule.ts'
import { policyReading } from './reading.ts'
import { riskRule } from './risk/rule.ts'
import { guards } from './guards/guards.ts'
import { openStandings, type CommandsPast } from './gathered-standings.ts'
import { forgetReservations } from './ledger/take.ts'
import { whyWide, type TokenPowers } from './wide-token.ts'

export interface PolicyOptions {
  readonly database: Database
  readonly audit: Pick<Audit, 'append'>
  readonly bus: Bus
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
  readonly fleet: { readonly belongingOf: FindPlaces }
  readonly principals: Principals
  readonly past: CommandsPast
  /** Rules of the very first start, in place of the defaults. */
  readonly firstRules?: string
}

export interface OpenPolicy extends Policy {
  /** Lets approved requests count. Before, none does. */
  approveWith(approved: ApprovedRequests): void
  /** Lets somebody look at what is tried. Before, nobody does. */
  watchWith(watch: Watch): void
  close(): Promise<void>
}

const forgetEveryMs = 3_600_000
const changedSubject = 'policy.changed'

const judges: Judges = {
  rules: [roleRule, riskRule, ...guards.map(({ decide }) => decide)],
  assess,
}

export async function openPolicy(options: PolicyOptions): Promise<OpenPolicy> {
  const { database, audit, bus, clock, newId, fleet, firstRules } = options
  const write = policyWrite(audit, newId)
  await ensureFirstRules({ database, clock, write, file: firstRules })
  const figures = await openFigures(options)
  const holders = openHolders(options)
  const refusals = refusalRecord(options)
  const places = placesOfChargers((chargers) => fleet.belongingOf(chargers), bus, clock)
  let approved = nothingApproved
  let watch = nobodyWatches
  const gate = openGate({
    clock,
    judges,
    figures,
    refusals,
    standings: openStandings({
      ...{ database, clock, past: options.past },
      placesOf: (chargers) => places.placesOf(chargers),
    }),
    approved: {
      granted: (...asked) => approved.granted(...asked),
      use: (...used) => approved.use(...used),
    },
    watch: (...attempted) => watch(...attempted),
    rightsOf: (caller) => holders.rightsOf(caller),
  })

  const housekeeping = every(
    clock,
    forgetEveryMs,
    () => database.transaction((tx) => forgetReservations(tx, clock.now())).then(() => undefined),
    (error) =>
      options.log.warn({ err: error }, 'budgets that count no more could not be forgotten yet'),
  )

  async function forget(): Promise<void> {
    holders.forget()
    await figures.look()
  }
  const hearing = bus.subscribe(changedSubject, () => {
    holders.forget()
    figures
      .look()
      .catch((error: unknown) =>
        options.log.warn({ err: error }, 'a change of the policy could not be looked at yet'),
      )
  })

  const hearingOfPeople = bus.subscribe(identityChangedSubject, () => holders.forget())

  return {
    ...gate,
    ...policyReading(options, figures),
    rightsOf: (caller) => holders.rightsOf(caller),
    placesOf: (chargers) => places.placesOf(chargers),
    rules: () => figures.now().rules,
    refused(context, { charger, ...detail }) {
      refusals.note(`${context.actor.id}\n${detail.permission}`, {
        actor: context.actor,
        origin: context.origin,
        event: 'access.denied',
        ...(charger === undefined ? {} : { charger }),
        detail,
      })
    },
    holdersOf: (roles) => holdersOf(database, roles),
    deciders: () => allDeciders(database),
    async wideToken(token, actor) {
      await checkGroups(database, token)
      const [roles, maker] = await Promise.all([customRoles(database), holders.rightsOf({ actor })])
      const custom = new Map(roles.map((role) => [role.name, role]))
      const { wideTokens } = figures.now().rules.approvals
      return whyWide(token, (name) => roleNamed(name, custom), wideTokens, maker)
    },
    heldRoles: (persons) => heldRoles(database, persons, clock.now()),
    checkBinding: async (wanted) => {
      await checkBinding(database, wanted, clock.now())
    },
    checkMeaning: (rules) => checkMeaning(database, rules, figures.now().rules),
    async apply(context, change, { reason, approval, also = [] }) {
      const at = clock.now()
      const wanted = {
        context,
        change,
        at,
        reason,
        ...(approval === undefined ? {} : { approval }),
      }
      await database.commit(toCommit(write, wanted), ...also)
      await forget()
      bus.publish(changedSubject, {})
    },
    watchWith(looks) {
      watch = looks
    },
    approveWith(room) {
      approved = room
    },
    async close() {
      housekeeping.cancel()
      hearing.close()
      hearingOfPeople.close()
      figures.close()
      places.close()
      await refusals.close()
    },
  }
}

/** A token for a group that is not there would begin to work with whatever is called so later. */
async function checkGroups(database: Database, { grants }: TokenPowers): Promise<void> {
  for (const [index, { group }] of grants.entries())
    if (group !== null && (await groupIdOf(database, group)) === undefined)
      throw new ProblemError(
        'invalid-input',
        `there is no group ${group}`,
        `grants[${index}].group`,
      )
}
