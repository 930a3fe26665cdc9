import { checkLimit, cursorAfter, keyOfCursor } from '../../kernel/page.ts'
import type { Database } from '../../storage/database.ts'
import { existing } from '../registry/store.ts'
import { unknownCharger } from '../registry/view.ts'
import { changesSource } from './changes.ts'
import { beforeOf, markText, merged, readMark } from './merge.ts'
import { fleetSources } from './sources.ts'
import type { Timeline, TimelineSource } from './timeline.ts'

/** `others`: what rooms above the fleet know of the past. */
export function openTimeline(house: {
  readonly database: Database
  readonly others: readonly TimelineSource[]
}): Timeline {
  const { database, others } = house
  const sources = [...fleetSources(database), changesSource(database), ...others]
  return {
    async of(identity, page, { kind, since }) {
      const limit = checkLimit(page)
      const text = keyOfCursor('timeline', page, (key) => readMark(key) !== undefined)
      const mark = text === undefined ? undefined : readMark(text)
      if (!(await existing(database, [identity])).has(identity)) throw unknownCharger(identity)
      const wanted = sources.filter((source) => kind === undefined || kind.includes(source.kind))
      const pages = await Promise.all(
        wanted.map(async (source) => {
          const before = mark === undefined ? undefined : beforeOf(mark, source.name)
          const entries = await source.read(identity, { since, before, limit: limit + 1 })
          return { source, entries }
        }),
      )
      const all = merged(pages, limit + 1)
      const shown = all.slice(0, limit)
      const last = shown.at(-1)
      return {
        items: shown.map(({ at, source, sentence, detail }) => ({
          at: new Date(at).toISOString(),
          kind: source.kind,
          sentence,
          detail,
        })),
        nextCursor:
          all.length > limit && last !== undefined ? cursorAfter('timeline', markText(last)) : null,
      }
    },
  }
}
