import type { Taken } from '../../commands/asked.ts'
import type { ChargerFacts } from '../../operations/facts.ts'
import type { Fates } from '../ask.ts'
import { hold } from './hold.ts'
import { putBack } from './put-back.ts'
import type { Stay } from './stay.ts'

/** What a decision about a stay is made from. */
export interface Seen {
  readonly facts: ChargerFacts
  /** What became of the commands of its round. */
  readonly fates: Fates
  /** Changes of availability the charger accepted, oldest first; looked up only where they are needed. */
  readonly taken: readonly Taken[]
  readonly now: number
}

/** Something for the audit record. */
export interface Noted {
  readonly event: 'maintenance.not-following' | 'maintenance.followed' | 'maintenance.ended'
  readonly why: string | null
}

/** What a stay becomes; without it everything is as it was before, and the stay is over. */
export interface Looked {
  readonly stay: Stay | undefined
  readonly noted: readonly Noted[]
}

/** Decides what is to be done for a charger under maintenance, or on its way back. Pure. */
export function look(stay: Stay, seen: Seen): Looked {
  const next = stay.state === 'held' ? hold(stay, seen) : putBack(stay, seen)
  if (next === 'ended')
    return { stay: undefined, noted: [{ event: 'maintenance.ended', why: null }] }
  return { stay: next, noted: notesOn(stay, next) }
}

function notesOn(before: Stay, after: Stay): Noted[] {
  if (before.standing === after.standing) return []
  if (after.standing === 'not-following')
    return [{ event: 'maintenance.not-following', why: after.detail }]
  const followed = after.standing === 'out-of-service' && before.progress.failures > 0
  return followed ? [{ event: 'maintenance.followed', why: null }] : []
}
