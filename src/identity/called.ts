import type { Clock } from '../kernel/clock.ts'
import { isUuid } from '../kernel/page.ts'
import type { People } from './people/open-people.ts'
import type { Tokens } from './tokens/open-tokens.ts'
import { localRobot } from './tokens/token.ts'

/**
 * How people know a person or robot, e.g. `Ben Night (ben)`; undefined: there is no such person, or no such robot with a
 * token that works.
 */
export type CalledOf = (who: {
  readonly kind: 'person' | 'robot'
  readonly id: string
}) => Promise<string | undefined>

export function callingBy({
  people,
  tokens,
  clock,
}: {
  readonly people: Pick<People, 'find'>
  readonly tokens: Pick<Tokens, 'find'>
  readonly clock: Pick<Clock, 'now'>
}): CalledOf {
  async function person(id: string): Promise<string | undefined> {
    const known = isUuid(id) ? await people.find({ id }) : undefined
    return known && `${known.displayName} (${known.name})`
  }
  async function robot(id: string): Promise<string | undefined> {
    if (id === localRobot.id) return localRobot.name
    const token = await tokens.find(id)
    const ended =
      token !== undefined && token.expiresAt !== null && clock.now() >= Date.parse(token.expiresAt)
    return ended ? undefined : token?.name
  }
  return ({ kind, id }) => (kind === 'person' ? person(id) : robot(id))
}
