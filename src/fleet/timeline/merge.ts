import type { Before, PlacedEntry, TimelineSource } from './timeline.ts'

/**
 * Sources merged into one order: newest first; of one moment by the source's name, then as the source has
 * them. A page ends at one entry, and each source knows from that where its own next page begins.
 */
export interface Mark {
  readonly at: number
  readonly source: string
  readonly id: string
}

export interface MergedEntry extends PlacedEntry {
  readonly source: TimelineSource
}

export function merged(
  pages: readonly { readonly source: TimelineSource; readonly entries: readonly PlacedEntry[] }[],
  limit: number,
): MergedEntry[] {
  return pages
    .flatMap(({ source, entries }) => entries.map((entry) => ({ ...entry, source })))
    .sort(inOrder)
    .slice(0, limit)
}

function inOrder(one: MergedEntry, other: MergedEntry): number {
  if (one.at !== other.at) return other.at - one.at
  if (one.source.name !== other.source.name) return one.source.name < other.source.name ? -1 : 1
  return one.id === other.id ? 0 : one.id > other.id ? -1 : 1
}

/** Where a source goes on after the entry at the mark. */
export function beforeOf({ at, source, id }: Mark, name: string): Before {
  if (name === source) return { at, id }
  return { at, id: name > source ? 'all' : 'none' }
}

export function markText({ at, source, id }: MergedEntry): string {
  return JSON.stringify([at, source.name, id])
}

/** Undefined where the text is no mark. */
export function readMark(text: string): Mark | undefined {
  try {
    const read: unknown = JSON.parse(text)
    if (!Array.isArray(read) || read.length !== 3) return undefined
    const [at, source, id] = read as unknown[]
    if (!Number.isSafeInteger(at) || typeof source !== 'string' || typeof id !== 'string')
      return undefined
    return { at: at as number, source, id }
  } catch {
    return undefined
  }
}
