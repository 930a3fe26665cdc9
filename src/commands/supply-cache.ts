import type { Json } from '../kernel/json.ts'
import type { Operation } from '../operations/operation.ts'
import type { Dispatch } from './dispatch.ts'
import type { CommandQueries } from './queries.ts'

/** What commands were supplied with; the latest of it in memory: a bulk command needs the same thousands of times. */
export interface SupplyCache {
  /** Null where the command needs nothing; undefined where it has to be loaded first. */
  known(dispatch: Dispatch, operation: Operation): Json | undefined
  /** The cache may have dropped it again when it is needed, so whoever loads keeps what is returned. */
  load(command: string): Promise<Json>
}

const kept = 8

export function supplyCache(queries: Pick<CommandQueries, 'supply'>): SupplyCache {
  const loaded = new Map<string, Json>()
  const loading = new Map<string, Promise<Json>>()

  async function fetch(command: string): Promise<Json> {
    const supply = await queries.supply(command)
    loaded.set(command, supply)
    const [oldest] = loaded.keys()
    if (loaded.size > kept && oldest !== undefined) loaded.delete(oldest)
    return supply
  }

  return {
    known(dispatch, operation) {
      if (operation.supply?.(dispatch.params) === undefined) return null
      return loaded.get(dispatch.command)
    },
    load(command) {
      const underWay = loading.get(command)
      if (underWay !== undefined) return underWay
      const begun = fetch(command).finally(() => loading.delete(command))
      loading.set(command, begun)
      return begun
    },
  }
}
