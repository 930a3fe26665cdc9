import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { Checkpoint } from '../../proof/checkpoint.ts'
import { parseCheckpoint } from '../../proof/checkpoint.ts'
import type { SignerKey } from '../../proof/keys.ts'
import { newSignerKey, parseSignerKey } from '../../proof/keys.ts'
import { isJsonObject } from '../kernel/json.ts'
import { readWholeFile, writeWholeFile } from '../kernel/whole-file.ts'

/** What a witness cosigned last, log by log. */
export interface WitnessMemory {
  readonly last: (origin: string) => Checkpoint | undefined
  /** Durable when it returns. */
  note(origin: string, note: string): Promise<void>
}

/** Throws when the file cannot be read as it was written: a witness that forgot is none. */
export async function openMemory(dataDir: string): Promise<WitnessMemory> {
  const file = path.join(dataDir, 'witness-cosigned')
  const notes = new Map<string, string>()
  const text = await readWholeFile(file)
  if (text !== undefined)
    for (const [origin, note] of Object.entries(readNotes(text, file))) notes.set(origin, note)
  const parsed = (origin: string): Checkpoint | undefined => {
    const note = notes.get(origin)
    return note === undefined ? undefined : parseCheckpoint(note)
  }
  for (const origin of notes.keys())
    if (parsed(origin) === undefined) throw new Error(`${file} is damaged at ${origin}`)
  return {
    last: parsed,
    async note(origin, note) {
      const next = new Map(notes).set(origin, note)
      await writeWholeFile(file, `${JSON.stringify(Object.fromEntries(next), null, 2)}\n`)
      notes.set(origin, note)
    },
  }
}

function readNotes(text: string, file: string): Record<string, string> {
  const value: unknown = JSON.parse(text)
  if (!isJsonObject(value) || !Object.values(value).every((note) => typeof note === 'string'))
    throw new Error(`${file} does not hold what a witness cosigned`)
  return value as Record<string, string>
}

/** The witness's own key, made at the first start. */
export async function witnessKey(dataDir: string, name: string | undefined): Promise<SignerKey> {
  const file = path.join(dataDir, 'witness-key')
  const text = await readWholeFile(file)
  if (text !== undefined) {
    const key = parseSignerKey(text.trim())
    if (key?.type !== 'witness') throw new Error(`${file} does not hold the key of a witness`)
    return key
  }
  const key = newSignerKey(name ?? `ota-witness/${randomBytes(8).toString('hex')}`, 'witness')
  await writeWholeFile(file, `${key.secretText}\n`)
  return key
}
