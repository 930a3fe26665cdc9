import type { Attention } from './aftermath.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { PaceGate } from './pace-gate.ts'
import type { CommandQueries } from './queries.ts'
import type { Watch } from './watch.ts'

export interface RefreshOptions {
  readonly queries: Pick<CommandQueries, 'attention'>
  readonly attention: Attention
  readonly gate: PaceGate
  readonly sender: Pick<Dispatcher, 'remind'>
  readonly watch: Pick<Watch, 'look'>
}

/**
 * Brings what this process has in mind up to what the database says, so that a message that was missed
 * costs seconds: whoever is ready gets its turn, unless a pace holds it back or a try is arranged; whoever
 * is newly watched is looked at; and nobody is kept in mind for nothing.
 */
export async function refreshAttention(options: RefreshOptions): Promise<void> {
  const { queries, attention, gate, sender, watch } = options
  const waitedBefore = new Set(attention.waiting)
  const moment = gate.moment()
  const { ready, watched } = await queries.attention()

  const heldBy = new Map<string, Set<string>>()
  for (const { charger, held } of ready)
    for (const command of held ?? [])
      heldBy.set(command, (heldBy.get(command) ?? new Set()).add(charger))
  gate.keep(heldBy, moment)

  for (const { charger, held } of ready) {
    waitedBefore.delete(charger)
    if (held?.every((command) => gate.holds(charger, command)) !== true) sender.remind(charger)
  }
  for (const charger of waitedBefore) attention.waiting.delete(charger)

  for (const charger of watched) {
    if (attention.watched.has(charger)) continue
    attention.watched.add(charger)
    watch.look(charger)
  }
}
