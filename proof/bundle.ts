import type { Checkpoint } from './checkpoint.ts'
import {
  checkOpenings,
  commitmentsIn,
  isOpening,
  personalNotes,
  type Opening,
} from './commitments.ts'
import { hashBytes, leafHash } from './hashes.ts'
import { parseEntry, parseObject } from './record-lines.ts'
import type { Trust, Verdict } from './trust.ts'
import { checkWitnesses, Findings, shownCheckpoint, trustedCheckpoint } from './trust.ts'
import { isIncluded } from './verify-proofs.ts'

/** What is recorded of one command, with all that is needed to verify it without the rest of the record. */
export interface CommandProof {
  readonly format: typeof commandProofFormat
  readonly command: string
  /** Only of this charger, beside what concerns the whole command. */
  readonly charger?: string
  readonly origin: string
  /** The log's verifier key: for information, since trust in it must come from elsewhere. */
  readonly key: string
  /** The signed note, with cosignatures. */
  readonly checkpoint: string
  readonly entries: readonly {
    /** The very text that was hashed. */
    readonly entry: string
    /** Hashes in base64, from the leaf up. */
    readonly proof: readonly string[]
    /** Of its personal values, those that are not erased. */
    readonly openings?: readonly Opening[]
  }[]
  /** Personal values are left out, not erased. */
  readonly withoutPersonalData?: true
}

export const commandProofFormat = 'ota-control-command-proof/1'

/** Undefined: it is no proof of a command. */
export function parseCommandProof(text: string): CommandProof | undefined {
  const value = parseObject(text)
  if (value?.format !== commandProofFormat) return undefined
  const { command, checkpoint, entries } = value
  const sound =
    typeof command === 'string' &&
    typeof checkpoint === 'string' &&
    Array.isArray(entries) &&
    entries.every(
      (one: unknown) =>
        typeof one === 'object' &&
        one !== null &&
        'entry' in one &&
        typeof one.entry === 'string' &&
        'proof' in one &&
        Array.isArray(one.proof) &&
        one.proof.every((hash) => typeof hash === 'string') &&
        (!('openings' in one) || (Array.isArray(one.openings) && one.openings.every(isOpening))),
    )
  return sound ? (value as unknown as CommandProof) : undefined
}

export function verifyCommandProof(bundle: CommandProof, trust: Trust): Verdict {
  const findings = new Findings()
  const { command, charger } = bundle
  const checkpoint = trustedCheckpoint(bundle.checkpoint, 'checkpoint', trust, findings)
  if (bundle.entries.length === 0) findings.add('entries', 'there are none')
  const personal = checkPersonal(bundle, findings)
  if (checkpoint !== undefined) {
    for (const at of bundle.entries.keys()) checkEntry(bundle, at, checkpoint, findings)
    for (const known of trust.known) checkKnown(known, checkpoint, findings)
  }
  const cosigned = checkpoint === undefined ? [] : checkWitnesses(checkpoint, trust, findings)
  const list = findings.list()
  return {
    intact: list.length === 0,
    subject: `command ${command}${charger === undefined ? '' : ` on ${charger}`}`,
    entries: bundle.entries.length,
    ...(checkpoint === undefined ? {} : { checkpoint: shownCheckpoint(checkpoint) }),
    cosigned,
    notes: personalNotes(personal, bundle.withoutPersonalData === true),
    findings: list,
  }
}

function checkPersonal({ entries }: CommandProof, findings: Findings) {
  const counted = { values: 0, open: 0 }
  for (const { entry: text, openings = [] } of entries) {
    const entry = parseEntry(text)
    // Said where its place in the tree is checked.
    if (entry === undefined) continue
    const { values, open, wrong } = checkOpenings(commitmentsIn(entry), openings)
    counted.values += values
    counted.open += open
    for (const one of wrong) findings.add(`entry ${entry.sequence}`, one)
  }
  return counted
}

function checkEntry(
  { entries, command, charger }: CommandProof,
  at: number,
  { size, root }: Checkpoint,
  findings: Findings,
): void {
  const { entry: text, proof } = entries[at]!
  const entry = parseEntry(text)
  if (entry === undefined) {
    findings.add(`the ${at + 1}. entry`, 'it is no entry of a record')
    return
  }
  const { sequence } = entry
  const where = `entry ${sequence}`
  if (entry.command !== command) findings.add(where, `it is not about command ${command}`)
  if (charger !== undefined && entry.charger !== undefined && entry.charger !== charger)
    findings.add(where, `it is not about ${charger}`)
  const before = at === 0 ? undefined : parseEntry(entries[at - 1]!.entry)
  if (before !== undefined && before.sequence >= sequence)
    findings.add(where, 'it is out of order or there twice')
  const hashes = proof.map((hash) => Buffer.from(hash, 'base64'))
  const included =
    hashes.every(({ length }) => length === hashBytes) &&
    isIncluded({ leaf: leafHash(text), index: sequence - 1, size, proof: hashes, root })
  if (!included)
    findings.add(where, 'it is not in the signed tree: its text or its proof was changed')
}

/** A checkpoint of the same size must be the same; others cannot be compared without the whole record. */
function checkKnown(known: Checkpoint, { size, root }: Checkpoint, findings: Findings): void {
  if (known.size === size && !known.root.equals(root))
    findings.add('checkpoint', 'it is not the one known from before: there are two histories')
}
