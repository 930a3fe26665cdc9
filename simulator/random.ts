/** Chance that can be repeated: the same seed gives the same life. */
export interface Random {
  /** At least 0, below 1. */
  next(): number
  /** At least `low`, below `high`. */
  between(low: number, high: number): number
  chance(share: number): boolean
  pick<T>(list: readonly [T, ...T[]]): T
  hex(digits: number): string
}

/** Numbers from a seed (mulberry32); a text seed is hashed first. Not for secrets. */
export function seededRandom(seed: number | string): Random {
  let state = (typeof seed === 'number' ? seed : hash(seed)) >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
  return {
    next,
    between: (low, high) => low + next() * (high - low),
    chance: (share) => share > 0 && next() < share,
    pick: (list) => list[Math.floor(next() * list.length)] ?? list[0],
    hex(digits) {
      let text = ''
      while (text.length < digits) {
        text += Math.floor(next() * 0x1_0000_0000)
          .toString(16)
          .padStart(8, '0')
      }
      return text.slice(0, digits)
    },
  }
}

function hash(text: string): number {
  let value = 0x811c9dc5
  for (const unit of Buffer.from(text)) value = Math.imul(value ^ unit, 0x01000193)
  return value
}
