import type { Audit } from '../audit/audit.ts'
import { recorded } from '../audit/record.ts'
import { covers } from '../fleet/groups/scope.ts'
import { findGroups } from '../fleet/groups/store.ts'
import { reportItems } from '../fleet/learned/store.ts'
import type { Context } from '../kernel/actor.ts'
import { ProblemError } from '../kernel/problem.ts'
import { operationNamed } from '../operations/catalogue.ts'
import type { Gate } from '../policy/gate.ts'
import { applyBatch } from '../storage/batch.ts'
import type { Change } from '../storage/database.ts'
import { openController } from './controller.ts'
import type { Controller, ControllerParts } from './controller.ts'
import type { Energy, SiteLimit, SiteLimitAsked } from './energy.ts'
import { checkSiteLimit } from './rules.ts'
import { mostChargers, standingOf } from './split.ts'
import { statusOf } from './status.ts'
import {
  allLimits,
  dropLimit,
  limitDetail,
  limitOfGroup,
  limitsAround,
  lockLimits,
  putLimit,
} from './store.ts'
import type { LimitRow } from './store.ts'

export interface EnergyParts extends ControllerParts {
  readonly audit: Pick<Audit, 'append'>
  readonly policy: Pick<Gate, 'admit'>
}

export interface OpenEnergy extends Energy, Pick<Controller, 'sweep' | 'idle' | 'close'> {}

/** Profiles shown of one list. */
const mostProfiles = 2_000

/** Opens the room that keeps sites within their limits. */
export function openEnergy(parts: EnergyParts): OpenEnergy {
  const { database, fleet, clock } = parts
  const controller = openController(parts)

  async function known(group: string): Promise<LimitRow> {
    const row = await limitOfGroup(database, group)
    if (row === undefined) throw new ProblemError('not-found', `${group} has no site limit`)
    return row
  }

  /**
   * A limit is weighed as the command it amounts to on every charger of the group, but for the consent of others:
   * what keeps a site under its limit, often a machine, cannot wait for that.
   */
  async function weighed(
    context: Context,
    group: string,
    operation: 'power.limit' | 'power.unlimit',
    { limit = {}, reason }: { readonly limit?: Partial<SiteLimitAsked>; readonly reason: string },
  ): Promise<readonly Change[]> {
    const chargers = await fleet.select({ group: [group] }, mostChargers)
    if (chargers.length === 0) return []
    const { amperes, kilowatts } = limit
    const meant = operationNamed(operation)!
    const { changes } = await parts.policy.admit(context, {
      intent: {
        operation: meant,
        params: {
          ...(amperes === undefined ? {} : { amperes }),
          ...(kilowatts === undefined ? {} : { kilowatts }),
        },
        reason,
        acknowledges: [],
        notAfter: clock.now() + meant.expiresAfterMs,
      },
      chargers,
      keepsSite: true,
    })
    return changes
  }

  return {
    async setSiteLimit(context, group, limit, reason) {
      checkSiteLimit(limit)
      const at = clock.now()
      const also = await weighed(context, group, 'power.limit', { limit, reason })
      const row = await database.transaction(async (tx) => {
        await applyBatch(tx, [also])
        await lockLimits(tx)
        const [node] = await findGroups(tx, [group])
        if (node === undefined) throw new ProblemError('not-found', `there is no group ${group}`)
        const [other] = await limitsAround(tx, group)
        if (other !== undefined)
          throw new ProblemError(
            'already-exists',
            `${other} has a limit; groups above and below each other cannot both have one`,
          )
        const before = await limitOfGroup(tx, group)
        const put = await putLimit(tx, {
          groupId: node.id,
          path: group,
          asked: limit,
          reason,
          actor: context.actor,
          at,
        })
        const detail = { ...limitDetail(put), before: before ? limitDetail(before) : null }
        await recorded(tx, parts, [{ context, event: 'site-limit.set', reason, detail }])
        return put
      })
      controller.changed()
      return shown(row)
    },

    async siteLimits(scope = 'everywhere') {
      const all = await allLimits(database)
      return all.filter(({ group }) => covers(scope, group)).map(shown)
    },

    async siteLimit(group) {
      const row = await known(group)
      return statusOf(row, await standingOf(parts, row, clock.now()))
    },

    async clearSiteLimit(context, group, reason) {
      const also = await weighed(context, group, 'power.unlimit', { reason })
      await database.transaction(async (tx) => {
        await applyBatch(tx, [also])
        const row = await dropLimit(tx, group)
        if (row === undefined) throw new ProblemError('not-found', `${group} has no site limit`)
        const detail = limitDetail(row)
        await recorded(tx, parts, [{ context, event: 'site-limit.cleared', reason, detail }])
      })
      controller.changed()
    },

    async chargingProfiles(identity, requestId) {
      const facts = (await fleet.facts([identity])).get(identity)
      if (facts === undefined)
        throw new ProblemError('not-found', `there is no charger ${identity}`)
      const report = facts.reports.findLast(
        (one) =>
          one.kind === 'charging-profiles' &&
          (requestId === undefined || one.requestId === requestId),
      )
      if (report === undefined)
        throw new ProblemError(
          'not-found',
          'no list of its profiles has come: ask for one with the operation profile.list',
        )
      const profiles = await reportItems(
        database,
        identity,
        'charging-profiles',
        report.requestId,
        mostProfiles,
      )
      return {
        requestId: report.requestId,
        receivedAt: new Date(report.receivedAt).toISOString(),
        complete: report.complete,
        profiles,
      }
    },

    sweep: () => controller.sweep(),
    idle: () => controller.idle(),
    close: () => controller.close(),
  }
}

function shown({ group, limit, reason, setBy, setAt }: LimitRow): SiteLimit {
  return { group, limit, reason, setBy, setAt }
}
