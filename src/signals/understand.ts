import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Version } from '../ocpp/versions.ts'
import { versions } from '../ocpp/versions.ts'
import type { Signal } from './catalog.ts'
import { signalCatalogue } from './catalog.ts'
import { isSilent } from './signal.ts'

interface Reader {
  readonly kind: string
  readonly read: (message: unknown) => readonly object[]
  /** Compiled on first use: only messages that break their schema are held against it. */
  readonly meant: (meaning: object) => boolean
}

export interface Understood {
  readonly signals: readonly Signal[]
  /** The meaning is clear, though the message may break its schema. */
  readonly clear: boolean
}

const readers = collectReaders()

/** Which actions of a version some signal is read from. */
export function readActions(version: Version): ReadonlySet<string> {
  return new Set(readers[version].keys())
}

/** What a message means. One that breaks its schema even after mending is understood where what matters is there. */
export function understand(message: {
  readonly version: Version
  readonly action: string
  readonly payload: unknown
  readonly valid: boolean
}): Understood {
  const own = readers[message.version].get(message.action) ?? []
  const signals = readAll(own, message.payload, (reader, meaning) =>
    message.valid ? true : reader.meant(meaning),
  )
  if (signals === undefined) return { signals: [], clear: false }
  return { signals, clear: message.valid || signals.length > 0 }
}

/** Undefined where a reader stumbled: what it looked for is not there. */
function readAll(
  list: readonly Reader[],
  payload: unknown,
  accept: (reader: Reader, meaning: object) => boolean,
): Signal[] | undefined {
  const signals: object[] = []
  let stumbled = false
  for (const reader of list)
    try {
      for (const meaning of reader.read(payload))
        if (accept(reader, meaning)) signals.push({ ...meaning, kind: reader.kind })
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      stumbled = true
    }
  return stumbled && signals.length === 0 ? undefined : (signals as Signal[])
}

function collectReaders(): Readonly<Record<Version, ReadonlyMap<string, readonly Reader[]>>> {
  const collected = {
    '1.6': new Map<string, Reader[]>(),
    '2.0.1': new Map<string, Reader[]>(),
    '2.1': new Map<string, Reader[]>(),
  }
  for (const declaration of signalCatalogue) {
    const meant = lazyCheck(declaration.meaning)
    for (const version of versions) {
      const says: object = declaration.says[version]
      if (isSilent(says)) continue
      for (const [action, read] of Object.entries(says)) {
        const list = collected[version].get(action) ?? []
        list.push({ kind: declaration.kind, read: read as Reader['read'], meant })
        collected[version].set(action, list)
      }
    }
  }
  return collected
}

function lazyCheck(schema: TSchema): (meaning: object) => boolean {
  let compiled: { Check(value: unknown): boolean } | undefined
  return (meaning) => (compiled ??= Compile(schema)).Check(meaning)
}
