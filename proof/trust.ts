import type { Checkpoint } from './checkpoint.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { cosignedAt } from './cosignature.ts'
import type { VerifierKey } from './keys.ts'
import { isSigned } from './note.ts'

/** What whoever verifies holds already, from somewhere else than what is verified. */
export interface Trust {
  /** The log's key. */
  readonly key: VerifierKey
  /** Witnesses that must all have cosigned. */
  readonly witnesses: readonly VerifierKey[]
  /** Checkpoints kept from earlier: what is verified must contain their trees. */
  readonly known: readonly Checkpoint[]
}

/** One thing that is wrong, and where. */
export interface Finding {
  readonly where: string
  readonly wrong: string
}

export interface Cosigned {
  readonly witness: string
  /** ms since the epoch. */
  readonly at: number
}

/** What came out of verifying. */
export interface Verdict {
  readonly intact: boolean
  /** What was verified, e.g. `the whole record`. */
  readonly subject: string
  readonly entries: number
  /** The checkpoint that everything is proven against. */
  readonly checkpoint?: { readonly origin: string; readonly size: number; readonly root: string }
  readonly cosigned: readonly Cosigned[]
  /** Worth knowing, not wrong. */
  readonly notes: readonly string[]
  readonly findings: readonly Finding[]
}

const mostFindings = 100

/** Collects what is wrong; a record that is wrong everywhere is not repeated in full. */
export class Findings {
  readonly #all: Finding[] = []
  #more = 0

  add(where: string, wrong: string): void {
    if (this.#all.length < mostFindings) this.#all.push({ where, wrong })
    else this.#more += 1
  }

  list(): readonly Finding[] {
    if (this.#more === 0) return this.#all
    return [...this.#all, { where: 'further on', wrong: `${this.#more} more things are wrong` }]
  }
}

/** A checkpoint by the trusted log; undefined, with a finding, where it is not. */
export function trustedCheckpoint(
  text: string,
  where: string,
  { key }: Trust,
  findings: Findings,
): Checkpoint | undefined {
  const checkpoint = parseCheckpoint(text)
  if (checkpoint === undefined) {
    findings.add(where, 'this is no checkpoint')
    return undefined
  }
  if (checkpoint.origin !== key.name) {
    findings.add(where, `it is of the log ${checkpoint.origin}, not of ${key.name}`)
    return undefined
  }
  if (!isSigned(checkpoint.note, key)) {
    findings.add(where, `it carries no valid signature of ${key.name}`)
    return undefined
  }
  return checkpoint
}

/** Who cosigned; a finding for each witness that had to and has not. */
export function checkWitnesses(
  { note, size }: Checkpoint,
  { witnesses }: Trust,
  findings: Findings,
): Cosigned[] {
  return witnesses.flatMap((witness) => {
    const seconds = cosignedAt(note, witness)
    if (seconds !== undefined) return [{ witness: witness.name, at: seconds * 1_000 }]
    findings.add(`checkpoint of ${size} entries`, `${witness.name} has not cosigned it`)
    return []
  })
}

export function shownCheckpoint({ origin, size, root }: Checkpoint) {
  return { origin, size, root: root.toString('hex') }
}
