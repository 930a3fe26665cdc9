import type { Audit, AuditEvent } from '../../audit/audit.ts'
import { saveMaintenance } from '../../fleet/learned/maintenance.ts'
import { lockStates } from '../../fleet/reports/state-store.ts'
import type { Context } from '../../kernel/actor.ts'
import type { MaintenanceFacts } from '../../operations/facts.ts'
import type { Tx, Write } from '../../storage/database.ts'
import { commandsOf } from '../ask.ts'
import { lockStays, saveStays } from './store.ts'
import type { Stay } from './stay.ts'
import { nothingDone } from './stay.ts'

/** Somebody wants a charger under maintenance, or no longer. */
export type Wish = Enter | Leave

interface Wished {
  readonly charger: string
  readonly context: Context
  readonly at: number
  readonly reason: string
  /** Also where somebody else holds it. */
  readonly takeOver: boolean
}

export interface Enter extends Wished {
  readonly wish: 'enter'
  readonly id: string
  readonly until: number | null
  readonly sessions: Stay['sessions']
}

export interface Leave extends Wished {
  readonly wish: 'leave'
  /** Only where its time is over. */
  readonly overdue: boolean
}

export type Granted =
  | {
      readonly came: 'entered' | 'changed' | 'taken-over' | 'leaving' | 'again'
      readonly stay: Stay
    }
  /** Somebody else holds it: nothing was changed. */
  | { readonly came: 'held'; readonly stay: Stay }
  /** There is no such charger, or it is not under maintenance. */
  | { readonly came: 'unknown' | 'none' }

interface Decided {
  readonly granted: Granted
  readonly event?: Pick<AuditEvent, 'event' | 'detail' | 'quoted'>
}

/**
 * Wishes of people, decided with the charger's state locked: durable, known to commands and automation, and
 * on the record together. The charger is told afterwards.
 */
export function wishWrite(audit: Pick<Audit, 'append'>): Write<Wish, Granted> {
  return {
    name: 'upkeep.maintenance-wish',
    stage: 'state',
    async apply(tx, wishes, also) {
      const identities = [...new Set(wishes.map(({ charger }) => charger))].sort()
      const known = await lockStates(tx, identities)
      const stays = await lockStays(tx, identities)
      const changed = new Map<string, Stay>()
      const results = wishes.map((wish): Granted => {
        const { charger, context, at, reason } = wish
        if (!known.has(charger)) return { came: 'unknown' }
        const { granted, event } = decide(wish, changed.get(charger) ?? stays.get(charger))
        if (event === undefined) return granted
        if ('stay' in granted) changed.set(charger, granted.stay)
        const { actor, origin } = context
        also(audit.append, { at, actor, origin, ...event, charger, reason })
        return granted
      })
      await store(tx, [...changed.values()])
      return results
    },
  }
}

async function store(tx: Tx, stays: readonly Stay[]): Promise<void> {
  await saveStays(tx, stays)
  const facts = stays.map((stay) => ({ identity: stay.charger, maintenance: factsOf(stay) }))
  await saveMaintenance(tx, facts)
}

function factsOf({ state, since, until, actor, reason }: Stay): MaintenanceFacts | null {
  if (state === 'leaving') return null
  return { since, by: actor.name, why: reason, ...(until === null ? {} : { until }) }
}

function decide(wish: Wish, stay: Stay | undefined): Decided {
  return wish.wish === 'enter' ? enter(wish, stay) : leave(wish, stay)
}

function enter(wish: Enter, stay: Stay | undefined): Decided {
  const { charger, context, at, reason, until, sessions, id } = wish
  const { actor } = context
  const asked = { until: iso(until), sessions }
  if (stay === undefined) {
    const begun: Stay = {
      ...{ charger, id, state: 'held', since: at, until, actor, reason, sessions },
      ...{ standing: 'going-out', standingSince: at, detail: null },
      ...{ progress: nothingDone, lookAt: at, revision: 0 },
    }
    return {
      granted: { came: 'entered', stay: begun },
      event: { event: 'maintenance.entered', detail: asked },
    }
  }
  if (stay.state === 'leaving') {
    // What was before stays what it was: it has not all been put back.
    const again: Stay = {
      ...{ ...stay, state: 'held', since: at, until, actor, reason, sessions, lookAt: at },
      ...{ standing: 'going-out', standingSince: at, detail: null },
      progress: { ...anew(stay), seen: null },
    }
    return {
      granted: { came: 'entered', stay: again },
      event: { event: 'maintenance.entered', detail: { ...asked, whileLeaving: true } },
    }
  }
  const mine = stay.actor.id === actor.id
  if (!mine && !wish.takeOver) return { granted: { came: 'held', stay } }
  const changed: Stay = {
    ...{ ...stay, until, actor, reason, sessions, lookAt: at },
    progress: { ...stay.progress, failures: 0 },
  }
  const before = { until: iso(stay.until), sessions: stay.sessions, reason: stay.reason }
  return mine
    ? {
        granted: { came: 'changed', stay: changed },
        event: {
          event: 'maintenance.changed',
          detail: { ...asked, before },
          quoted: { actor: stay.actor, members: ['/before/reason'] },
        },
      }
    : {
        granted: { came: 'taken-over', stay: changed },
        event: {
          event: 'maintenance.taken-over',
          detail: { ...asked, before: { ...before, by: stay.actor.name } },
          quoted: { actor: stay.actor, members: ['/before/by', '/before/reason'] },
        },
      }
}

function leave(wish: Leave, stay: Stay | undefined): Decided {
  const { context, at } = wish
  if (stay === undefined) return { granted: { came: 'none' } }
  if (wish.overdue && (stay.state === 'leaving' || stay.until === null || stay.until > at))
    return { granted: { came: 'none' } }
  if (stay.state === 'leaving') {
    const again = { ...stay, lookAt: at, progress: { ...stay.progress, failures: 0, begun: [] } }
    return {
      granted: { came: 'again', stay: again },
      event: { event: 'maintenance.left-again', detail: {} },
    }
  }
  const mine = stay.actor.id === context.actor.id
  if (!mine && !wish.takeOver && !wish.overdue) return { granted: { came: 'held', stay } }
  const leaving: Stay = {
    ...{ ...stay, state: 'leaving', until: null, lookAt: at },
    ...{ standing: 'coming-back', standingSince: at, detail: null },
    progress: anew(stay),
  }
  const held = { since: iso(stay.since), by: stay.actor.name }
  return {
    granted: { came: 'leaving', stay: leaving },
    event: {
      event: 'maintenance.left',
      detail: { held },
      quoted: { actor: stay.actor, members: ['/held/by'] },
    },
  }
}

/** The other way round from here: what was on its way is not wanted any more. */
function anew({ progress }: Stay): Stay['progress'] {
  const { round, cancel } = progress
  const open = round === null || round.judged ? [] : commandsOf(round.asks)
  return { ...progress, round: null, begun: [], failures: 0, cancel: [...cancel, ...open] }
}

function iso(moment: number | null): string | null {
  return moment === null ? null : new Date(moment).toISOString()
}
