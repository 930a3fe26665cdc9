import { hash } from 'node:crypto'

/** Messages remembered per connection. A charger has one CALL outstanding, so its retry follows soon. */
const maxRemembered = 4
/** Longer frames are compared by digest. */
const maxPlainFrame = 2_000

interface Remembered {
  readonly id: string
  readonly frame: string
  readonly answer: string
  readonly at: number
}

/**
 * Actions answered anew every time: their answers carry the time or a decision that may have changed, and
 * handling them twice does no harm.
 */
const alwaysFresh: ReadonlySet<string> = new Set(['Heartbeat', 'Authorize', 'BootNotification'])

/**
 * The last answers of one connection, for a charger that repeats a message because our answer was lost.
 * Only the newest message of an id counts: several models give every message the same id, and then the
 * same content in turn with another is news, not a repetition.
 */
export class AnswerMemory {
  #entries: Remembered[] = []

  /** The answer given to this very frame not longer than `forMs` ago. */
  recall(
    id: string,
    action: string,
    frame: string,
    now: number,
    forMs: number,
  ): string | undefined {
    if (alwaysFresh.has(action)) return undefined
    const entry = this.#entries.find((one) => one.id === id)
    if (entry === undefined || now - entry.at > forMs) return undefined
    return entry.frame === fingerprint(frame) ? entry.answer : undefined
  }

  remember(id: string, action: string, frame: string, answer: string, now: number): void {
    const others = this.#entries.filter((one) => one.id !== id)
    if (alwaysFresh.has(action)) {
      this.#entries = others
      return
    }
    if (others.length >= maxRemembered) others.shift()
    others.push({ id, frame: fingerprint(frame), answer, at: now })
    this.#entries = others
  }
}

function fingerprint(frame: string): string {
  return frame.length <= maxPlainFrame ? frame : hash('sha256', frame, 'base64')
}
