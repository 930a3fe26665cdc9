import type { Database } from '../../storage/database.ts'
import { conditionsPast } from '../conditions/past.ts'
import { connectionsPast } from '../connections/past.ts'
import { faultsPast } from '../faults/past.ts'
import { noticesPast } from '../notices/past.ts'
import { violationsPast } from '../violations/past.ts'
import { pastOf } from './past.ts'
import type { TimelineKind, TimelineSource } from './timeline.ts'
import type { JsonObject } from '../../kernel/json.ts'

/** What an area of the fleet knows of the past: how to read it, and how to say it. */
export interface Past {
  readonly name: string
  readonly kind: TimelineKind
  /** See `pastOf`. */
  readonly select: string
  readonly sentence: (detail: JsonObject) => string
}

/** Everything the fleet itself remembers. */
export function fleetSources(database: Database): TimelineSource[] {
  const all = [faultsPast, conditionsPast, ...noticesPast, ...connectionsPast, violationsPast]
  return all.map(({ name, kind, select, sentence }) => ({
    name,
    kind,
    async read(charger, stretch) {
      const rows = await pastOf(database, select, charger, stretch)
      return rows.map(({ at, id, detail }) => ({
        at: at.getTime(),
        id,
        sentence: sentence(detail),
        detail,
      }))
    },
  }))
}
