import type { Page } from '../terminal/output.ts'

/** How much of a list is wanted. */
export interface Extent {
  readonly limit?: number | undefined
  readonly all?: boolean | undefined
}

export const defaultLimit = 50
const largestPage = 500

/** Reads as many pages as it takes. */
export async function gather<Row>(
  { limit, all }: Extent,
  ask: (query: { limit: number; cursor?: string }) => Promise<Page<Row>>,
): Promise<Page<Row>> {
  const wanted = all === true ? Number.POSITIVE_INFINITY : (limit ?? defaultLimit)
  const items: Row[] = []
  let cursor: string | null = null
  do {
    const page: Page<Row> = await ask({
      limit: Math.min(largestPage, wanted - items.length),
      ...(cursor === null ? {} : { cursor }),
    })
    // One by one: a spread of a long page would not fit the stack.
    for (const item of page.items) items.push(item)
    cursor = page.nextCursor
  } while (cursor !== null && items.length < wanted)
  return { items, nextCursor: cursor }
}
