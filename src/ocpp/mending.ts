import { jsonText } from './json-text.ts'
import { holdsSecret } from './leniency.ts'
import type { Message } from './validators.ts'
import type { ViolationKind } from './violation.ts'
import { shorten, ViolationList } from './violation-list.ts'

export type Members = Record<string, unknown>

/** What makes a value unusable, and where. */
export interface Problem {
  readonly path: string
  readonly note: string
}

/** What became of a value. `absent`: it says nothing. */
export type Outcome =
  | { readonly is: 'fine'; readonly value: unknown }
  | { readonly is: 'absent'; readonly note: string }
  /** Holds the value as far as it could be mended. `empty`: its only fault is to hold nothing. */
  | {
      readonly is: 'broken'
      readonly value: unknown
      readonly problems: readonly Problem[]
      readonly empty?: true
    }

/** Where a value stands in the payload. */
export interface Place {
  readonly path: string
  /** The path with `*` for every list index. */
  readonly pattern: string
  readonly name: string
  /** The object that holds it, or that holds its list. */
  readonly parent: Members
}

export const root: Place = { path: '', pattern: '', name: '', parent: {} }

/** The mending of one payload: what it is for, and what was found on the way. */
export class Job {
  readonly found: ViolationList
  readonly message: Message
  readonly receivedAt: number | undefined
  readonly #kind: ViolationKind
  kept = false

  constructor(message: Message, receivedAt: number | undefined) {
    this.message = message
    this.receivedAt = receivedAt
    this.found = new ViolationList(message.action)
    this.#kind = message.kind === 'request' ? 'payload-invalid' : 'answer-invalid'
  }

  note(note: string, path: string, kind: ViolationKind = this.#kind): void {
    this.found.add(kind, note, path)
  }

  key(pattern: string): string {
    return `${this.message.action} ${this.message.kind} ${pattern}`
  }

  show(value: unknown, parent: Members): string {
    return holdsSecret(parent) ? '[hidden]' : shorten(jsonText(value), 120)
  }
}
