import type { Became } from '../commands/asked.ts'
import type { Commands } from '../commands/commands.ts'
import type { Context } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'

/**
 * A command that is wanted, remembered before it is submitted. Whoever takes it up after a crash, or beside
 * another node, submits the very same under the same key, so that it is made once.
 */
export interface Ask {
  readonly key: string
  readonly operation: string
  readonly params: JsonObject
  readonly reason: string
  /** Null until it is submitted. */
  readonly command: string | null
}

/** Commands keep this many characters of a reason. */
const longestReason = 500

export function reasonText(what: string, reason: string): string {
  const whole = `${what}: ${reason}`
  return whole.length <= longestReason ? whole : `${whole.slice(0, longestReason - 1)}…`
}

/** Submits what has not been submitted, in its order. */
export async function submitted(
  commands: Pick<Commands, 'submit'>,
  context: Context,
  charger: string,
  asks: readonly Ask[],
): Promise<readonly Ask[]> {
  const made: Ask[] = []
  for (const ask of asks) {
    if (ask.command !== null) {
      made.push(ask)
      continue
    }
    const { key, operation, params, reason } = ask
    const target = { chargers: [charger] }
    const submission = { operation, params, target, reason, idempotencyKey: key }
    const { id } = await commands.submit(context, submission)
    made.push({ ...ask, command: id })
  }
  return made
}

export type Fates = ReadonlyMap<string, Became>

/** Whether nothing of it is under way any more. */
export function allEnded(asks: readonly Ask[], fates: Fates): boolean {
  return asks.every(({ command }) => command !== null && fates.get(command)?.ended !== false)
}

export function commandsOf(asks: readonly Ask[]): string[] {
  return asks.flatMap(({ command }) => (command === null ? [] : [command]))
}
