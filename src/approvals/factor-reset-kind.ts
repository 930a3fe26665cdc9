import { Type } from 'typebox'
import type { People } from '../identity/people/open-people.ts'
import type { Person } from '../identity/people/person.ts'
import type { JsonObject } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Policy } from '../policy/policy.ts'
import type { RequestKind } from './kind.ts'
import { whoHolds } from './may-ask.ts'

/** Second factors taken from somebody who lost them: whoever has their link and password becomes them. */
export function factorResetKind({
  people,
  policy,
  linkOf,
}: {
  readonly people: Pick<People, 'show' | 'resetFactors'>
  readonly policy: Pick<Policy, 'rightsOf'>
  /** Where somebody enrols with the secret of an invitation. */
  readonly linkOf: (secret: string) => string
}): RequestKind {
  return {
    name: 'factor-reset',
    description: 'All second factors taken from a person, and a one-time link for new ones',
    schema: Type.Object(
      { person: Type.String({ minLength: 1, maxLength: 100, description: 'Their id' }) },
      { additionalProperties: false },
    ),
    editsRules: false,
    bootstrap: true,
    handsOver: true,
    mayAsk: whoHolds('people.write', policy),
    async prepare(context, { content }) {
      const person = await people.show(content.person as string)
      if (person.id === context.actor.id)
        throw new ProblemError(
          'invalid-input',
          'your own factors you change yourself; where you have lost them, somebody else asks',
          'content.person',
        )
      return {
        summary: `Take all second factors from ${person.displayName} (${person.name})`,
        content: { person: person.id },
        groups: [null],
        about: [person.id],
        standing: standingOf(person),
      }
    },
    async look({ person }) {
      return { standing: standingOf(await people.show(person as string)), differences: [] }
    },
    async execute(context, { content, reason, ...approved }) {
      const why = { reason, approved }
      const { invitation, secret } = await people.resetFactors(
        context,
        content.person as string,
        why,
      )
      return { link: linkOf(secret), expiresAt: invitation.expiresAt }
    },
  }
}

function standingOf({ name, displayName, secondFactors, locked, lastSeenAt }: Person): JsonObject {
  return {
    ...{ name, displayName, secondFactors: [...secondFactors], lastSeenAt },
    locked: locked === null ? null : { ...locked },
  }
}
