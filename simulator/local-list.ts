/** The local authorisation list of a charger (1.6 3.5.2, 2.x D01). Token names are compared without case. */
export interface LocalList {
  readonly version: number
  readonly entries: ReadonlyMap<string, ListEntry>
}

export interface ListEntry {
  readonly token: string
  readonly accepted: boolean
  /** When it expires, ms since the epoch. */
  readonly until: number | undefined
  readonly group: string | undefined
}

export interface ListUpdate {
  readonly version: number
  readonly kind: 'Full' | 'Differential'
  /** `entry` undefined removes the token. */
  readonly changes: readonly { readonly token: string; readonly entry: ListEntry | undefined }[]
}

export const emptyList: LocalList = { version: 0, entries: new Map() }

/** The list after an update, or why not. A full update may carry any version; a differential one must be newer. */
export function updatedList(
  list: LocalList,
  update: ListUpdate,
  maxEntries: number,
): LocalList | 'VersionMismatch' | 'Failed' {
  if (update.version <= 0) return 'Failed'
  if (update.kind === 'Differential' && update.version <= list.version) return 'VersionMismatch'
  const entries = new Map(update.kind === 'Full' ? [] : list.entries)
  for (const { token, entry } of update.changes) {
    if (entry !== undefined) entries.set(token.toLowerCase(), entry)
    else if (update.kind === 'Full') return 'Failed'
    else entries.delete(token.toLowerCase())
  }
  return entries.size > maxEntries ? 'Failed' : { version: update.version, entries }
}

export function entryFor(list: LocalList, token: string): ListEntry | undefined {
  return list.entries.get(token.toLowerCase())
}

/** Whether the entry lets its token charge at this moment of the charger's own clock. */
export function isGood({ accepted, until }: ListEntry, now: number): boolean {
  return accepted && (until === undefined || until > now)
}
