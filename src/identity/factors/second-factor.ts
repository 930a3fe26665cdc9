import type { Factor } from '../../kernel/actor.ts'
import type { Query, Tx } from '../../storage/database.ts'

/** What was shown as a second factor, by whom. */
export interface Shown {
  readonly person: string
  /** A code, or whatever its kind understands. */
  readonly answer: unknown
  readonly at: number
}

/** One kind of second factor. Each kind looks after its own tables. */
export interface SecondFactor {
  readonly factor: Factor
  /** It stays until it is removed; a code that is used up does not count as having one. */
  readonly lasting: boolean
  /** How many of this kind each of these people has; who has none may be missing. */
  countOf(reader: Query, people: readonly string[]): Promise<ReadonlyMap<string, number>>
  /**
   * Whether the answer proves the person now. What is used up by it is used up in this transaction, so
   * that it proves nothing a second time, on no node.
   */
  check(tx: Tx, shown: Shown): Promise<boolean>
  /** Takes all of them away from the person. */
  removeAll(tx: Tx, person: string): Promise<void>
}

/** Every kind there is. */
export interface SecondFactors {
  /** Kinds the person has, each with how many. */
  of(reader: Query, person: string): Promise<ReadonlyMap<Factor, number>>
  ofMany(
    reader: Query,
    people: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<Factor, number>>>
  check(tx: Tx, factor: Factor, shown: Shown): Promise<boolean>
  removeAll(tx: Tx, person: string): Promise<void>
  /** How many lasting ones the person has, of all kinds. The last one cannot be removed. */
  lastingOf(reader: Query, person: string): Promise<number>
}

export function secondFactors(kinds: readonly SecondFactor[]): SecondFactors {
  async function ofMany(reader: Query, people: readonly string[]) {
    const all = new Map<string, Map<Factor, number>>(people.map((one) => [one, new Map()]))
    for (const kind of kinds) {
      const counts = await kind.countOf(reader, people)
      for (const [person, count] of counts) if (count > 0) all.get(person)?.set(kind.factor, count)
    }
    return all
  }
  return {
    ofMany,
    of: async (reader, person) => (await ofMany(reader, [person])).get(person) ?? new Map(),
    check: async (tx, factor, shown) =>
      (await kinds.find((kind) => kind.factor === factor)?.check(tx, shown)) ?? false,
    async removeAll(tx, person) {
      for (const kind of kinds) await kind.removeAll(tx, person)
    },
    async lastingOf(reader, person) {
      let count = 0
      for (const kind of kinds.filter(({ lasting }) => lasting))
        count += (await kind.countOf(reader, [person])).get(person) ?? 0
      return count
    },
  }
}
