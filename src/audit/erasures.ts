import type { Actor, Context } from '../kernel/actor.ts'
import { ProblemError } from '../kernel/problem.ts'
import { eraseOf, type Erased } from './opening-store.ts'
import { subjectKinds, subjectOf } from './personal.ts'
import { recorded, type Recorded } from './record.ts'

/** What was erased, of whom. */
export interface Erasure extends Erased {
  readonly subject: string
}

export interface Erasures {
  /**
   * Erases every personal value of a subject that the record keeps until now, e.g. of `person:<id>` or
   * `token:<idTag>`. The entries stay, and everything that was proven of them. Fails with `invalid-input`,
   * `denied` for whoever would erase what is of themselves or of a robot they made, `step-up-needed`, and `not-found` where nothing is kept.
   */
  erase(
    context: Context,
    wanted: { readonly subject: string; readonly reason: string },
  ): Promise<Erasure>
}

export interface ErasureParts extends Omit<Recorded, 'newId'> {
  /** How a person is called, where that is still known: the record keeps names for a shorter time than sentences. */
  readonly namesOf: (person: string) => Promise<readonly string[]>
  /** Who made a robot, or the robot that did. */
  readonly makersOf: (robot: string) => Promise<readonly Pick<Actor, 'id'>[]>
  /** Throws `step-up-needed` where somebody has to show a second factor before. */
  readonly needFresh: (context: Context) => void
}

export function openErasures(parts: ErasureParts): Erasures {
  return {
    async erase(context, { subject: named, reason }) {
      const { kind, id } = subjectIn(named)
      const subject = subjectOf(kind, id)
      if (subject === `${context.actor.kind}:${context.actor.id}`)
        throw new ProblemError('denied', 'nobody erases what the record keeps of themselves')
      const makers = kind === 'robot' ? await parts.makersOf(id) : []
      if (makers.some((maker) => maker.id === context.actor.id))
        throw new ProblemError(
          'denied',
          'nobody erases what the record keeps of a robot whose token they made',
        )
      parts.needFresh(context)
      const names = kind === 'person' ? await parts.namesOf(id) : []
      const erased = await parts.database.transaction(async (tx) => {
        const gone = await eraseOf(tx, subject, names)
        if (gone.values === 0)
          throw new ProblemError(
            'not-found',
            'no personal value of this subject is kept',
            'subject',
          )
        // Ids are pseudonyms; what a driver shows is the personal value itself.
        const about = kind === 'person' || kind === 'robot' ? { id } : { identifier: id }
        await recorded(tx, parts, [
          { context, event: 'audit.erased', reason, detail: { kind, ...about, ...gone } },
        ])
        return gone
      })
      return { subject, ...erased }
    },
  }
}

function subjectIn(text: string) {
  const [, named, id] = /^([a-z]+):(.+)$/s.exec(text) ?? []
  const kind = subjectKinds.find((one) => one === named)
  if (kind === undefined || id === undefined)
    throw new ProblemError(
      'invalid-input',
      `must be one of ${subjectKinds.map((one) => `${one}:<id>`).join(', ')}`,
      'subject',
    )
  return { kind, id }
}
