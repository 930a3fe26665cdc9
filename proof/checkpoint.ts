import { hashBytes } from './hashes.ts'
import type { SignerKey } from './keys.ts'
import type { Note } from './note.ts'
import { noteText, parseNote, signNote } from './note.ts'

/** What a log says of its tree at one size, as C2SP tlog-checkpoint writes it. */
export interface TreeHead {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
}

export interface Checkpoint extends TreeHead {
  readonly note: Note
}

export function checkpointBody({ origin, size, root }: TreeHead): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`
}

/** The note of a tree head, signed by the log. */
export function signCheckpoint(head: TreeHead, key: SignerKey): string {
  const text = checkpointBody(head)
  return noteText({ text, signatures: [signNote(text, key)] })
}

/** Undefined: not written as the specification says. The signatures are not verified. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const note = parseNote(text)
  if (note === undefined) return undefined
  const [origin, size, root] = note.text.slice(0, -1).split('\n')
  const hash = Buffer.from(root ?? '', 'base64')
  if (origin === undefined || origin === '' || !/^(0|[1-9]\d{0,14})$/.test(size ?? ''))
    return undefined
  if (hash.length !== hashBytes || hash.toString('base64') !== root) return undefined
  return { origin, size: Number(size), root: hash, note }
}
