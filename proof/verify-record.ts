import { hash } from 'node:crypto'
import type { Checkpoint } from './checkpoint.ts'
import {
  checkOpenings,
  commitmentsIn,
  nestedTooDeep,
  personalNotes,
  type Commitments,
  type Opening,
} from './commitments.ts'
import { erasedBy } from './erasures.ts'
import { emptyFrontier, grown, rootOf } from './frontier.ts'
import type { Frontier, OnComplete } from './frontier.ts'
import { hashBytes, leafHash } from './hashes.ts'
import type { ParsedEntry, RecordHeader } from './record-lines.ts'
import { parseRecordLine } from './record-lines.ts'
import type { Trust, Verdict } from './trust.ts'
import { checkWitnesses, Findings, shownCheckpoint, trustedCheckpoint } from './trust.ts'

/** Verifies a whole record as it was exported. Memory stays constant however long it is. */
export async function verifyRecordLines(
  lines: AsyncIterable<string>,
  trust: Trust,
): Promise<Verdict> {
  const reading = new RecordReading(trust)
  let number = 0
  for await (const line of lines) {
    number += 1
    if (line !== '') reading.line(line, number)
  }
  return reading.verdict()
}

/** What is known of a record after reading some of it. Also used for entries that come in tiles. */
export class RecordReading {
  readonly #trust: Trust
  readonly #findings = new Findings()
  readonly #notes: string[] = []
  /** The tree of the texts, and the tree of the hashes that were stored beside them. */
  #tree: Frontier = emptyFrontier
  #stored: Frontier | undefined = emptyFrontier
  /** Leaves since the last hashes came. */
  #recent: Buffer[] = []
  /** The sequence that the next entry must have. */
  #next = 1
  #declared: number | undefined
  #last: Checkpoint | undefined
  #lastSound = 0
  #forked = false
  readonly #known: Checkpoint[]
  /** The entry whose openings may follow. */
  #latest: { readonly sequence: number; readonly commitments: Commitments | undefined } | undefined
  #personal = { values: 0, open: 0 }
  /** How many personal values entries say were erased. */
  #erased = 0
  #withheld = false
  /** The running hash of records from before there was a tree. */
  #chain: string | undefined = '0'.repeat(64)

  readonly #onComplete: OnComplete | undefined

  constructor(trust: Trust, onComplete?: OnComplete) {
    this.#trust = trust
    this.#onComplete = onComplete
    this.#known = [...trust.known].sort((one, other) => one.size - other.size)
  }

  /** How many entries were read. */
  get size(): number {
    return this.#tree.size
  }

  line(text: string, number: number): void {
    const line = parseRecordLine(text)
    if (line === undefined) this.#findings.add(`line ${number}`, 'it is no part of a record')
    else if (line.kind === 'header') this.#header(line.header)
    else if (line.kind === 'openings') this.#openings(line.entry, line.openings)
    else if (line.kind === 'entry') this.entry(line.text, line.entry)
    else if (line.kind === 'hashes') this.hashes(line.hashes)
    else this.checkpoint(line.note)
  }

  /** Something that keeps the record from being read. */
  wrong(where: string, wrong: string): void {
    this.#findings.add(where, wrong)
  }

  /** Of a record that holds no personal values, all of them are closed. */
  withoutPersonalData(): void {
    this.#withheld = true
  }

  #header({ origin, entries, withoutPersonalData }: RecordHeader['record']): void {
    this.#declared = entries
    if (withoutPersonalData === true) this.withoutPersonalData()
    if (origin !== this.#trust.key.name)
      this.#findings.add('header', `the record is of ${origin}, not of ${this.#trust.key.name}`)
  }

  entry(text: string, entry: ParsedEntry): void {
    this.#place(entry.sequence)
    this.#fold(text, entry)
    const { sequence } = entry
    const commitments = commitmentsIn(entry)
    this.#latest = { sequence, commitments }
    if (commitments === undefined) this.#findings.add(`entry ${sequence}`, nestedTooDeep)
    else this.#personal.values += commitments.size
    this.#erased += erasedBy(entry)
    const leaf = leafHash(text)
    this.#recent.push(leaf)
    this.#tree = grown(this.#tree, [leaf], this.#onComplete)
    while (this.#known[0] !== undefined && this.#known[0].size <= this.#tree.size)
      this.#compareKnown(this.#known.shift()!)
  }

  /** Openings stand behind their entry, once. */
  #openings(sequence: number, openings: readonly Opening[]): void {
    const entry = this.#latest
    this.#latest = undefined
    if (entry?.sequence !== sequence) {
      this.#findings.add(
        `openings of entry ${sequence}`,
        `they do not stand behind that entry: they were moved or doubled`,
      )
      return
    }
    const { open, wrong } = checkOpenings(entry.commitments, openings)
    this.#personal.open += open
    for (const one of wrong) this.#findings.add(`entry ${sequence}`, one)
  }

  /** Every entry says where it belongs, which tells a hole from a change. */
  #place(sequence: number): void {
    if (sequence === this.#next + 1) this.#findings.add(`entry ${this.#next}`, 'it is missing')
    else if (sequence > this.#next)
      this.#findings.add(`entries ${this.#next} to ${sequence - 1}`, 'they are missing')
    else if (sequence < this.#next)
      this.#findings.add(
        `behind entry ${this.#next - 1}`,
        `there is an entry that says it is number ${sequence}: doubled, added or out of order`,
      )
    this.#next = Math.max(this.#next, sequence) + (sequence >= this.#next ? 1 : 0)
  }

  /** A record that began with a running hash says in an entry what that hash was. */
  #fold(text: string, { event, sequence, detail }: ParsedEntry): void {
    if (this.#chain === undefined) return
    if (event !== 'audit.chain-folded') {
      this.#chain = hash('sha256', this.#chain + text, 'hex')
      return
    }
    if (detail.head !== this.#chain)
      this.#findings.add(`entry ${sequence}`, 'the running hash of the entries before is another')
    const at = detail.brokenAt
    this.#notes.push(
      at === undefined
        ? `entries 1 to ${sequence - 1} had a running hash, which fits`
        : `the running hash that entries had before there was a tree was broken at entry ${Number(at)} then already`,
    )
    this.#chain = undefined
  }

  /**
   * The hashes stored of the entries since the last, which name the entry whose text was changed. They may lie in
   * a tile, which may be missing.
   */
  hashes(bytes: Buffer | undefined, tile?: string): void {
    const hashes = Array.from({ length: (bytes?.length ?? 0) / hashBytes }, (_, at) =>
      bytes!.subarray(at * hashBytes, (at + 1) * hashBytes),
    )
    const first = this.#tree.size - this.#recent.length
    if (hashes.length !== this.#recent.length || hashes.length * hashBytes !== bytes?.length) {
      this.#findings.add(
        tile ?? `entries ${first + 1} to ${this.#tree.size}`,
        bytes === undefined
          ? 'it is missing'
          : `${hashes.length} hashes stand beside ${this.#recent.length} entries`,
      )
      this.#stored = undefined
    } else
      for (const [at, leaf] of this.#recent.entries())
        if (!leaf.equals(hashes[at]!))
          this.#findings.add(
            `entry ${first + at + 1}`,
            tile === undefined
              ? 'its text is not the one that was hashed when it was appended'
              : `its text is not the one that ${tile} holds the hash of`,
          )
    if (this.#stored !== undefined) this.#stored = grown(this.#stored, hashes)
    this.#recent = []
  }

  checkpoint(note: string): void {
    // A running hash was folded before the first tree was signed, or there was none.
    this.#chain = undefined
    const where = `checkpoint behind entry ${this.#tree.size}`
    const checkpoint = trustedCheckpoint(note, where, this.#trust, this.#findings)
    if (checkpoint === undefined) return
    const { size } = checkpoint
    if (this.#last === undefined || size >= this.#last.size) this.#last = checkpoint
    if (size !== this.#tree.size) {
      this.#findings.add(
        where,
        `it was signed for ${size} entries: ${Math.abs(size - this.#tree.size)} ` +
          (size > this.#tree.size ? 'are missing before it' : 'more than that come before it'),
      )
      this.#forked = true
    } else if (checkpoint.root.equals(rootOf(this.#tree))) this.#lastSound = size
    else if (!this.#forked) {
      this.#forked = true
      this.#findings.add(`entries ${this.#lastSound + 1} to ${size}`, this.#howForked(checkpoint))
    }
  }

  #howForked({ root, size }: Checkpoint): string {
    const stored = this.#stored
    return stored?.size === size && rootOf(stored).equals(root)
      ? 'their texts are not what was signed; the hashes stored beside them are'
      : 'they are not what was signed: something among them was changed, added, removed or moved'
  }

  #compareKnown({ size, root }: Checkpoint): void {
    if (size === this.#tree.size && root.equals(rootOf(this.#tree)))
      this.#notes.push(`the record contains the tree of ${size} entries known from before`)
    else
      this.#findings.add(
        `entries 1 to ${size}`,
        'they are not those of the checkpoint known from before: this is another history',
      )
  }

  verdict(): Verdict {
    const { size } = this.#tree
    for (const known of this.#known)
      this.#findings.add(
        `entries ${size + 1} to ${known.size}`,
        'they are missing: a checkpoint known from before was signed for them, so the end was cut off or this is an older database',
      )
    if (this.#declared !== undefined && this.#declared !== size)
      this.#findings.add('header', `it speaks of ${this.#declared} entries, ${size} are there`)
    const cosigned = this.#closing(size)
    const findings = this.#findings.list()
    return {
      intact: findings.length === 0,
      subject: 'the whole record',
      entries: size,
      ...(this.#last === undefined ? {} : { checkpoint: shownCheckpoint(this.#last) }),
      cosigned,
      notes: [...this.#notes, ...personalNotes(this.#personal, this.#withheld, this.#erased)],
      findings,
    }
  }

  /** Everything has to be covered by a checkpoint, and that one cosigned. */
  #closing(size: number) {
    if (this.#last === undefined) {
      this.#findings.add('end', 'no checkpoint of this log vouches for the entries')
      return []
    }
    if (this.#last.size < size)
      this.#findings.add(
        `entries ${this.#last.size + 1} to ${size}`,
        'no checkpoint vouches for them',
      )
    return checkWitnesses(this.#last, this.#trust, this.#findings)
  }
}
