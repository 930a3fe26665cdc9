import type { Violation, ViolationKind } from './violation.ts'

/** Violations kept of one frame; what comes after is counted in the last of them. */
export const maxViolations = 20

const maxDetailLength = 300

/** What every good frame shares. */
export const noViolations: readonly Violation[] = Object.freeze([])

/** Gathers what is wrong with one frame, without letting a hostile one fill memory. */
export class ViolationList {
  readonly #kept: Violation[] = []
  readonly #action: string | undefined
  #more = 0

  constructor(action?: string) {
    this.#action = action
  }

  add(kind: ViolationKind, detail: string, path?: string): void {
    if (this.#kept.length >= maxViolations) {
      this.#more += 1
      return
    }
    this.#kept.push({
      kind,
      ...(this.#action !== undefined && { action: this.#action }),
      ...(path !== undefined && { path }),
      detail: shorten(detail, maxDetailLength),
    })
  }

  all(): readonly Violation[] {
    const last = this.#kept.at(-1)
    if (last === undefined) return noViolations
    if (this.#more === 0) return [...this.#kept]
    return [
      ...this.#kept.slice(0, -1),
      { ...last, detail: `${last.detail} (and ${this.#more} more violations in this frame)` },
    ]
  }
}

/** The text, cut to so many characters with the cut marked. */
export function shorten(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1).toWellFormed()}…`
}
