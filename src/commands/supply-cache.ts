import type { Json } from '../kernel/json.ts'
import type { Operation } from '../operations/operation.ts'
import type { Dispatch } from './dispatch.ts'
import type { CommandQueries } from './queries.ts'

/** What commands were supplied with, the latest of them in memory: a bulk command needs the same thousands of times. */
export interface SupplyCache {
  /** Null where the command needs nothing; undefined where it has to be loaded first. */
  known(dispatch: Dispatch, operation: Operation): Json | undefined
  load(command: string): Promise<void>
}

const kept = 8

export function supplyCache(queries: Pick<CommandQueries, 'supply'>): SupplyCache {
  const loaded = new Map<string, Json>()
  return {
    known(dispatch, operation) {
      if (operation.supply?.(dispatch.params) === undefined) return null
      return loaded.get(dispatch.command)
    },
    async load(command) {
      loaded.set(command, await queries.supply(command))
      const [oldest] = loaded.keys()
      if (loaded.size > kept && oldest !== undefined) loaded.delete(oldest)
    },
  }
}
