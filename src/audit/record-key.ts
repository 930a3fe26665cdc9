import { randomBytes } from 'node:crypto'
import { rename } from 'node:fs/promises'
import path from 'node:path'
import type { SignerKey, VerifierKey } from '../../proof/keys.ts'
import { newSignerKey, parseSignerKey, parseVerifierKey } from '../../proof/keys.ts'
import { isSigned, parseNote } from '../../proof/note.ts'
import { systemContext } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { readWholeFile, writeWholeFile } from '../kernel/whole-file.ts'
import type { WitnessPlace } from '../kernel/settings-record.ts'
import type { Database, Query } from '../storage/database.ts'
import type { Audit } from './audit.ts'
import { lockLog, readReplacedKeys, storeLogKey } from './checkpoint-store.ts'
import { recorded } from './record.ts'

/** The key of a log as this node has it: to sign with, or to verify with only. */
export interface RecordKey {
  readonly verifier: VerifierKey
  readonly signer: SignerKey | undefined
}

export interface RecordKeyParts {
  readonly database: Database
  readonly audit: Pick<Audit, 'append'>
  readonly clock: Clock
  readonly log: Log
  readonly dataDir: string
  /** The key's file; undefined: `record-key` in the data folder. */
  readonly keyFile: string | undefined
  /** For a key that is made. */
  readonly name: string | undefined
  /** The id of the key that is given up. */
  readonly replaces: string | undefined
  readonly witnesses: readonly WitnessPlace[]
}

/** Where a node remembers the last checkpoint it knows to have been signed. */
export function signedFile(dataDir: string): string {
  return path.join(dataDir, 'record-signed')
}

type Plan =
  | { readonly do: 'keep' }
  /** The own key becomes the log's: its first, or in place of the one given up. */
  | { readonly do: 'register' }
  | { readonly do: 'make' }
  | { readonly do: 'verify-only' }
  | { readonly do: 'refuse' }

/** What to do about the log's key and the own one. */
export function planKey(
  own: string | undefined,
  registered: string,
  replaces: string | undefined,
): Plan {
  const givenUp = registered !== '' && idIn(registered) === replaces
  if (own === registered) return givenUp ? { do: 'make' } : { do: 'keep' }
  if (own === undefined)
    return registered === '' || givenUp ? { do: 'make' } : { do: 'verify-only' }
  return registered === '' || givenUp ? { do: 'register' } : { do: 'refuse' }
}

/** Finds, or makes, the key that the log's checkpoints are signed with. */
export async function settleRecordKey(parts: RecordKeyParts): Promise<RecordKey> {
  const { database, audit, clock, log, dataDir, replaces } = parts
  const file = parts.keyFile ?? path.join(dataDir, 'record-key')
  const own = await readKey(file)
  return database.transaction(async (tx) => {
    const registered = await lockLog(tx)
    const plan = planKey(own?.text, registered, replaces)
    switch (plan.do) {
      case 'keep':
        await setAsideReplaced(tx, signedFile(dataDir), own!)
        return { verifier: own!, signer: own }
      case 'verify-only': {
        log.warn(
          { key: registered, file },
          'this node does not have the key of the audit record and signs no checkpoints: give it the key of the others',
        )
        const verifier = registeredKey(registered)
        await setAsideReplaced(tx, signedFile(dataDir), verifier)
        return { verifier, signer: undefined }
      }
      case 'refuse':
        throw new Error(
          `the key in ${file} (${own!.text}) is not the key of the record in this database (${registered}). ` +
            `Give the right key with OTA_RECORD_KEY, or give the old one up with OTA_RECORD_REPLACES_KEY=${idIn(registered)}`,
        )
      case 'register':
      case 'make': {
        const signer = plan.do === 'register' ? own! : await makeKey(file, own, parts.name)
        await storeLogKey(tx, signer.text)
        const replaced = registered === '' ? {} : { replaced: registered }
        if (registered !== '')
          log.warn({ key: signer.text, ...replaced }, 'the audit record goes on under a new key')
        if (parts.witnesses.length > 0 && nameIn(registered) === signer.name)
          log.warn(
            { origin: signer.name },
            'the new key has the name of the old one, so that witnesses cosign only what goes on from what they cosigned: ' +
              'if this is an older database, replace the key again with another OTA_RECORD_NAME',
          )
        await recorded(tx, { audit, clock }, [
          {
            context: systemContext,
            event: registered === '' ? 'audit.key-made' : 'audit.key-replaced',
            detail: { key: signer.text, ...replaced },
          },
        ])
        if (registered !== '') await setAside(signedFile(dataDir), idIn(registered))
        return { verifier: signer, signer }
      }
    }
  })
}

async function readKey(file: string): Promise<SignerKey | undefined> {
  const text = await readWholeFile(file)
  if (text === undefined) return undefined
  const key = parseSignerKey(text.trim())
  if (key?.type !== 'log') throw new Error(`${file} does not hold a key that signs a log`)
  return key
}

async function makeKey(
  file: string,
  old: SignerKey | undefined,
  name: string | undefined,
): Promise<SignerKey> {
  if (old !== undefined) await setAside(file, old.id.toString('hex'))
  const key = newSignerKey(name ?? `ota-control/${randomBytes(8).toString('hex')}`, 'log')
  await writeWholeFile(file, `${key.secretText}\n`)
  return key
}

async function setAside(file: string, id: string): Promise<void> {
  if ((await readWholeFile(file)) !== undefined) await rename(file, `${file}.${id}`)
}

/**
 * Another node replaced the key: what this one remembers under a key that the record says it gave up binds it no
 * longer. What is signed by any other key stays, and contradicts.
 */
async function setAsideReplaced(tx: Query, file: string, current: VerifierKey): Promise<void> {
  const note = parseNote((await readWholeFile(file)) ?? '')
  if (note === undefined || isSigned(note, current)) return
  const replaced = (await readReplacedKeys(tx)).map(parseVerifierKey)
  const signer = replaced.find((key) => key !== undefined && isSigned(note, key))
  if (signer !== undefined) await setAside(file, signer.id.toString('hex'))
}

function registeredKey(text: string): VerifierKey {
  const key = parseVerifierKey(text)
  if (key === undefined) throw new Error('the database holds no key of the audit record')
  return key
}

function nameIn(key: string): string {
  return key.split('+', 1)[0] ?? ''
}

function idIn(key: string): string {
  return key.split('+', 2)[1] ?? ''
}
