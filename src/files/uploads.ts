import type { Audit, AuditEvent } from '../audit/audit.ts'
import { systemContext } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { FileProtocol } from '../operations/file-links.ts'
import type { Database } from '../storage/database.ts'
import { change } from '../storage/database.ts'
import { CommitUnknownError } from '../storage/errors.ts'
import type { Contents, Incoming } from './content.ts'
import type { StoredFile } from './files.ts'
import { digestOf } from './grant.ts'
import type { Admitted } from './gate.ts'
import { contentTypeOf, shownName } from './names.ts'
import { Refusal } from './refusal.ts'
import type { NewFile } from './store.ts'
import { shownFile } from './store.ts'
import type { Transfers, Underway } from './transfers.ts'
import type { FileWrites } from './use-store.ts'

/** What a charger says of the file it brings. */
export interface Brought {
  readonly name: string | undefined
  readonly contentType?: string | undefined
  readonly protocol: FileProtocol
  readonly remoteAddress: string
}

/** An upload under way, whatever the protocol. */
export interface Receiving {
  /** Aborted, its reason a Refusal, when the upload must end now. */
  readonly signal: AbortSignal
  readonly bytes: number
  write(chunk: Buffer): Promise<void>
  /** All of it has come: keeps it, or throws a Refusal and keeps nothing. */
  complete(): Promise<StoredFile>
  /** Keeps nothing, unless it is complete. Idempotent. */
  abandon(): Promise<void>
}

export interface Uploads {
  begin(admitted: Admitted<'upload'>, brought: Brought): Promise<Receiving>
}

/** How often a link may be tried until one upload is complete. */
const mostAttempts = 100

export interface UploadParts {
  readonly database: Database
  readonly audit: Pick<Audit, 'append'>
  readonly clock: Clock
  readonly log: Log
  readonly contents: Contents
  readonly writes: FileWrites
  readonly transfers: Transfers
  readonly maxBytes: number
  readonly retentionMs: number
  /** Whose part of a command it is; undefined where nobody knows. */
  readonly chargerOf: (dispatch: string) => Promise<string | undefined>
  /** Told of every upload that is complete and durable. */
  readonly onReceived: (file: StoredFile) => void
}

export function openUploads(parts: UploadParts): Uploads {
  const { database, clock, contents, writes, transfers, maxBytes } = parts
  return {
    async begin(admitted, brought) {
      const { token, grant } = admitted
      const underway = transfers.begin(token)
      try {
        const at = clock.now()
        const [uses] = await database.commit(
          change(writes.use, {
            token: digestOf(token),
            kind: 'upload',
            dispatch: grant.dispatch,
            file: null,
            at,
            expiresAt: grant.until,
          }),
        )
        if (uses.complete) throw new Refusal('used', 'a file came with this link already')
        if (uses.times > mostAttempts)
          throw new Refusal('used', 'this link was tried too often without success')
        return receive(parts, admitted, brought, underway, await contents.begin(maxBytes))
      } catch (error) {
        underway.end()
        throw error
      }
    },
  }
}

function receive(
  parts: UploadParts,
  admitted: Admitted<'upload'>,
  brought: Brought,
  underway: Underway,
  incoming: Incoming,
): Receiving {
  let state: 'open' | 'closing' | 'closed' = 'open'
  return {
    signal: underway.signal,
    get bytes() {
      return incoming.bytes
    },
    async write(chunk) {
      underway.signal.throwIfAborted()
      if (state !== 'open') throw new Refusal('displaced', 'this upload has ended')
      await incoming.write(chunk)
      underway.moved(chunk.length)
    },
    async complete() {
      if (state !== 'open') throw new Error('this upload has ended already')
      state = 'closing'
      try {
        return await keep(parts, admitted, brought, incoming, underway.signal)
      } finally {
        state = 'closed'
        underway.end()
      }
    },
    async abandon() {
      if (state !== 'open') return
      state = 'closed'
      try {
        await incoming.discard()
      } finally {
        underway.end()
      }
    },
  }
}

async function keep(
  parts: UploadParts,
  admitted: Admitted<'upload'>,
  brought: Brought,
  incoming: Incoming,
  signal: AbortSignal,
): Promise<StoredFile> {
  const file = await arrive(parts, admitted, brought, incoming, signal).catch(
    async (error: unknown) => {
      // Perhaps it is a file by now. If it is not, housekeeping finds the content and removes it.
      if (!(error instanceof CommitUnknownError)) await incoming.discard()
      throw error
    },
  )
  const stored = shownFile(file)
  const { id, charger, size, protocol } = stored
  parts.log.info({ file: id, charger, bytes: size, protocol }, 'a charger uploaded a file')
  parts.onReceived(stored)
  return stored
}

async function arrive(
  { database, clock, contents, writes, retentionMs, chargerOf }: UploadParts,
  { token, grant }: Admitted<'upload'>,
  { name, contentType, protocol, remoteAddress }: Brought,
  incoming: Incoming,
  signal: AbortSignal,
): Promise<NewFile> {
  signal.throwIfAborted()
  if (incoming.bytes === 0) throw new Refusal('empty', 'nothing was sent')
  const charger = (await chargerOf(grant.dispatch)) ?? null
  const taken = await incoming.finish()
  const at = clock.now()
  const file: NewFile = {
    ...taken,
    kind: 'upload',
    charger,
    dispatch: grant.dispatch,
    name: shownName(name),
    contentType: contentTypeOf(contentType),
    protocol,
    remoteAddress,
    store: contents.store,
    receivedAt: at,
    expiresAt: at + retentionMs,
  }
  const arrival = { token: digestOf(token), file, event: receivedEvent(file) }
  const [first] = await database.commit(change(writes.arrive, arrival))
  if (!first) throw new Refusal('used', 'a file came with this link already')
  return file
}

function receivedEvent(file: NewFile): AuditEvent {
  const { id, name, size, sha256, protocol, charger, dispatch, remoteAddress } = file
  return {
    at: file.receivedAt,
    actor: systemContext.actor,
    origin: { face: 'charger', ...(remoteAddress === null ? {} : { address: remoteAddress }) },
    event: 'file.received',
    ...(charger === null ? {} : { charger }),
    ...(dispatch === null ? {} : { dispatch }),
    detail: { file: id, name, size, sha256, protocol },
  }
}
