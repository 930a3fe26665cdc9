import type { ChargerEvents } from './charger.ts'

type Listener = (what: never) => void

/** Who listens to a charger. Costs nothing while nobody does. */
export class Listeners {
  #named: Map<string, Set<Listener>> | undefined
  #watchers: Set<() => void> | undefined

  on<E extends keyof ChargerEvents>(
    event: E,
    listener: (what: ChargerEvents[E]) => void,
  ): () => void {
    this.#named ??= new Map()
    const set = this.#named.get(event) ?? new Set()
    this.#named.set(event, set)
    set.add(listener)
    return () => void set.delete(listener)
  }

  /** Is told that something, whatever, may have changed. */
  watch(watcher: () => void): () => void {
    const watchers = (this.#watchers ??= new Set())
    watchers.add(watcher)
    return () => void watchers.delete(watcher)
  }

  emit<E extends keyof ChargerEvents>(event: E, what: ChargerEvents[E]): void {
    const set = this.#named?.get(event) as Set<(what: ChargerEvents[E]) => void> | undefined
    if (set !== undefined) for (const listener of [...set]) listener(what)
    this.changed()
  }

  changed(): void {
    if (this.#watchers !== undefined) for (const watcher of [...this.#watchers]) watcher()
  }
}
