import { Refusal } from '../refusal.ts'

/** What clients send ahead of what is missing; those that use several requests at once stay far below. */
const mostAheadBytes = 8_000_000

/** Puts pieces that come in any order behind one another. */
export interface Ordered {
  /** The pieces that may be written now. Throws a Refusal where something is written over, or far ahead. */
  take(offset: number, piece: Buffer): readonly Buffer[]
  /** Nothing is missing in between. */
  readonly whole: boolean
}

export function orderedPieces(): Ordered {
  const ahead = new Map<number, Buffer>()
  let aheadBytes = 0
  let end = 0
  return {
    take(offset, piece) {
      if (offset < end || ahead.has(offset))
        throw new Refusal('malformed', 'a file is written once, from its beginning to its end')
      if (piece.length === 0) return []
      ahead.set(offset, piece)
      aheadBytes += piece.length
      const ready: Buffer[] = []
      for (let next = ahead.get(end); next !== undefined; next = ahead.get(end)) {
        ahead.delete(end)
        aheadBytes -= next.length
        end += next.length
        ready.push(next)
      }
      if (aheadBytes > mostAheadBytes)
        throw new Refusal('malformed', 'a file is written from its beginning to its end')
      return ready
    },
    get whole() {
      return ahead.size === 0
    },
  }
}
