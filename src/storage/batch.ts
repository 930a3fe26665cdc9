import { writeStages } from './database.ts'
import type { Change, Tx, Write, WriteStage } from './database.ts'

type AnyWrite = Write<unknown, unknown>

/** Changes that stand or fall together: what one caller gave to `commit`. */
export type ChangeSet = readonly Change[]

/** Every change of one kind in a batch, and where each came from. */
interface Gathered {
  readonly write: AnyWrite
  readonly items: unknown[]
  /** Undefined for what `also` added: nobody waits for its result. */
  readonly origins: ({ readonly set: number; readonly position: number } | undefined)[]
}

/**
 * Applies all changes of all sets in one open transaction, stage after stage: each kind by one call, kinds
 * in the order in which they first appear. Items of a kind keep the order of the sets; what `also` adds
 * follows them in the order of the calls. Returns the results set by set.
 */
export async function applyBatch(tx: Tx, sets: readonly ChangeSet[]): Promise<unknown[][]> {
  const stages = gather(sets)
  const results: unknown[][] = sets.map((set) => new Array<unknown>(set.length))
  for (const [place, stage] of writeStages.entries()) {
    const later: readonly WriteStage[] = writeStages.slice(place + 1)
    const also = (write: AnyWrite, item: unknown): void => {
      if (!later.includes(write.stage))
        throw new Error(`also can only add changes of a later stage, which ${write.name} is not`)
      add(stages[write.stage], write, item, undefined)
    }
    for (const gathered of stages[stage].values()) await apply(tx, gathered, also, results)
  }
  return results
}

type Stage = Map<AnyWrite, Gathered>

function gather(sets: readonly ChangeSet[]): Readonly<Record<WriteStage, Stage>> {
  const stages: Record<WriteStage, Stage> = {
    state: new Map(),
    consequence: new Map(),
    audit: new Map(),
  }
  sets.forEach((changes, set) =>
    changes.forEach((one, position) => {
      const write = one.write as unknown as AnyWrite
      add(stages[write.stage], write, one.item, { set, position })
    }),
  )
  return stages
}

function add(stage: Stage, write: AnyWrite, item: unknown, origin: Gathered['origins'][0]): void {
  let gathered = stage.get(write)
  if (gathered === undefined) {
    gathered = { write, items: [], origins: [] }
    stage.set(write, gathered)
  }
  gathered.items.push(item)
  gathered.origins.push(origin)
}

async function apply(
  tx: Tx,
  { write, items, origins }: Gathered,
  also: (write: AnyWrite, item: unknown) => void,
  results: unknown[][],
): Promise<void> {
  const answers = await write.apply(tx, items, also)
  if (answers.length !== items.length)
    throw new Error(`${write.name} gave ${answers.length} results for ${items.length} items`)
  origins.forEach((origin, index) => {
    if (origin !== undefined) results[origin.set]![origin.position] = answers[index]
  })
}
