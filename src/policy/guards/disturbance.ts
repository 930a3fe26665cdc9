import { durationWords } from '../../operations/clock.ts'
import type { Reservation, Spoken } from '../decision.ts'
import { coversOperation } from '../operation-pattern.ts'
import type { Intent, Question } from '../question.ts'
import type { GuardRules } from '../rules/guards.ts'
import { placeOf, placeWords } from '../../fleet/standing/place.ts'
import type { Guard } from './guard.ts'
import { nothingSaid } from './guard.ts'

const rule = 'guard.disturbance'
const minute = 60_000

type Figures = GuardRules['disturbance']
type Cap = Figures['alone']['site']

export const disturbance: Guard = {
  rule,
  title: 'How much one actor may disturb at once',
  because:
    'A mistake, or a stolen session, must not take a whole site or the fleet from drivers before somebody notices.',
  figures: ({ disturbance: one }) => [
    `at once means within ${durationWords(one.windowMinutes * minute)}`,
    `of a site ${capWords(one.alone.site)}, of the fleet ${capWords(one.alone.fleet)}`,
    `as an approved request (${one.approverRoles.join(' or ')}) of a site ${capWords(one.approved.site)}, of the fleet ${capWords(one.approved.fleet)}`,
    'a charger of no site counts for the group it is in, and chargers in no group count together like those of a site',
    `counted are ${one.operations.join(', ')}, without ${one.except.join(', ')}`,
  ],
  decide(question) {
    const figures = question.rules.guards.disturbance
    if (question.who.actor.kind === 'system' || !disturbs(question.what, figures))
      return nothingSaid
    const places = placesOf(question, figures)
    const over = places.filter(({ after, alone }) => after > alone)
    const tooFar = over.filter(({ after, approved }) => after > approved)
    return {
      spoken:
        over.length === 0
          ? []
          : [said(tooFar.length > 0 ? tooFar : over, tooFar.length > 0, figures)],
      // What it needs approval for is reserved once it has it.
      reservations: places
        .filter((place) => place.after <= limitOf(place, question))
        .map((place) => reservation(place, question, figures)),
    }
  },
}

/** Whether an operation takes a charger from drivers; putting one into service does not. */
export function disturbs(
  { operation, params }: Pick<Intent, 'operation' | 'params'>,
  figures: Figures,
): boolean {
  if (operation.name === 'charger.availability' && params.availability === 'operative') return false
  return (
    coversOperation(figures.operations, operation) && !coversOperation(figures.except, operation)
  )
}

/** The counter of an actor's disturbances in the fleet, and at a site or what counts as one. */
export function disturbanceKey(actor: string, site?: string): string {
  return site === undefined ? `disturb/${actor}/fleet` : `disturb/${actor}/site/${site}`
}

interface Place {
  /** Undefined: the fleet. */
  readonly site: string | undefined
  /** After "the chargers". */
  readonly words: string
  readonly chargers: readonly string[]
  readonly size: number
  readonly before: number
  readonly after: number
  readonly alone: number
  readonly approved: number
}

function placesOf({ targets, fleet }: Question, { alone, approved }: Figures): Place[] {
  const counted = new Set(fleet.disturbed.chargers)
  const place = (
    site: string | undefined,
    words: string,
    chargers: readonly string[],
    size: number,
    before: number,
    caps: readonly [Cap, Cap],
  ): Place => ({
    site,
    words,
    chargers,
    size,
    before,
    after: before + chargers.filter((charger) => !counted.has(charger)).length,
    alone: capOf(caps[0], size),
    approved: Math.max(capOf(caps[0], size), capOf(caps[1], size)),
  })
  const sites = [...Map.groupBy(targets, placeOf)].map(([site, those]) =>
    place(
      site,
      placeWords(those[0]!),
      those.map(({ charger }) => charger),
      fleet.perSite[site] ?? those.length,
      fleet.disturbed.perSite[site] ?? 0,
      [alone.site, approved.site],
    ),
  )
  const all = targets.map(({ charger }) => charger)
  return [
    ...sites,
    place(undefined, 'of the fleet', all, fleet.chargers, fleet.disturbed.total, [
      alone.fleet,
      approved.fleet,
    ]),
  ]
}

/** The floor keeps small sites from being locked for good. */
export function capOf({ share, atLeast }: Cap, size: number): number {
  return Math.max(atLeast, Math.floor(share * size))
}

function said(over: readonly Place[], tooFar: boolean, figures: Figures): Spoken {
  const [first] = over
  const { words, after, before, size, alone, approved } = first!
  const others = over.length > 1 ? ` The same holds for ${over.length - 1} more.` : ''
  const window = durationWords(figures.windowMinutes * minute)
  const so = `You would disturb ${after} of the ${size} chargers ${words} within ${window}${before > 0 ? `, ${before} of them by what you did before` : ''}; ${alone} is the most at once.${others}`
  if (tooFar)
    return {
      rule,
      says: 'denies',
      sentence: `${so} Even an approved request may disturb ${approved} only: send it to fewer, and to the rest after ${window}.`,
      detail: { after, size, alone, approved },
    }
  return {
    rule,
    says: 'requires',
    sentence: `${so} Send it to fewer, wait ${window}, or ask for approval.`,
    needs: { approvals: [{ count: 1, roles: figures.approverRoles }] },
    detail: { after, size, alone, approved },
  }
}

function limitOf({ alone, approved }: Place, { approval }: Pick<Question, 'approval'>): number {
  return approval === undefined ? alone : approved
}

function reservation(place: Place, question: Question, figures: Figures): Reservation {
  const { site, words, chargers } = place
  const limit = limitOf(place, question)
  return {
    key: disturbanceKey(question.who.actor.id, site),
    amount: { each: chargers },
    limit,
    windowMs: figures.windowMinutes * minute,
    rule,
    sentence: `You may disturb ${limit} chargers ${words} within ${durationWords(figures.windowMinutes * minute)}.`,
  }
}

function capWords({ share, atLeast }: Cap): string {
  return `${Math.round(share * 100)} % and always ${atLeast} chargers`
}
