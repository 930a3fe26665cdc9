import type { Body } from './speaker.ts'

export interface Paged<Entry> {
  readonly action: string
  readonly requestId: number
  readonly entries: readonly Entry[]
  readonly perPage: number
  /** What a page holds besides its numbers. */
  readonly page: (entries: readonly Entry[]) => object
  /** The message has a seqNo and the time it was made. */
  readonly numbered: boolean
}

/** Tells a list in pages (2.0.1 B07, N02, O03): seqNo from 0, `tbc` on all but the last. One may get lost. */
export function tellInPages<Entry>(body: Body, paged: Paged<Entry>): void {
  const { action, requestId, entries, perPage, page, numbered } = paged
  const pages = Math.max(1, Math.ceil(entries.length / perPage))
  const generatedAt = body.stamp()
  for (let seqNo = 0; seqNo < pages; seqNo++) {
    if (seqNo === body.losesReportPart) continue
    const content = page(entries.slice(seqNo * perPage, (seqNo + 1) * perPage))
    body.send({
      action,
      provoked: true,
      payload: () => ({
        requestId,
        ...(numbered ? { generatedAt, seqNo } : {}),
        tbc: seqNo < pages - 1,
        ...content,
      }),
    })
  }
}

/** A list under its name, which is left out when it is empty. */
export function unlessEmpty(name: string, entries: readonly unknown[]): object {
  return entries.length > 0 ? { [name]: entries } : {}
}
