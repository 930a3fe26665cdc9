import type { FileProtocol } from '../operations/file-links.ts'
import type { Query, Tx } from '../storage/database.ts'
import type { Within } from '../storage/within.ts'
import type { FileFilter, FileKind, StoredFile, TakenContent } from './files.ts'

/** A file that is to be remembered. Times are ms since the epoch. */
export interface NewFile extends TakenContent {
  readonly kind: FileKind
  readonly charger: string | null
  readonly dispatch: string | null
  readonly name: string
  readonly contentType: string | null
  readonly protocol: FileProtocol | null
  readonly remoteAddress: string | null
  readonly store: string
  readonly receivedAt: number
  readonly expiresAt: number | null
}

/** What only this room needs to know of a file. */
export interface KnownFile extends StoredFile {
  readonly store: string
  readonly withheld: boolean
}

interface FileRow {
  id: string
  kind: FileKind
  charger: string | null
  dispatch: string | null
  name: string
  size: number
  sha256: string
  content_type: string | null
  protocol: FileProtocol | null
  remote_address: string | null
  store: string
  received_at: Date
  expires_at: Date | null
  withheld_at: Date | null
  deleted_at: Date | null
  deleted_because: string | null
}

function known(row: FileRow): KnownFile {
  return {
    id: row.id,
    kind: row.kind,
    charger: row.charger,
    dispatch: row.dispatch,
    name: row.name,
    size: row.size,
    sha256: row.sha256,
    contentType: row.content_type,
    protocol: row.protocol,
    remoteAddress: row.remote_address,
    receivedAt: row.received_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    deletedAt: row.deleted_at?.toISOString() ?? null,
    deletedBecause: row.deleted_because,
    store: row.store,
    withheld: row.withheld_at !== null,
  }
}

/** A new file as it is shown. */
export function shownFile({ store: _store, ...file }: NewFile): StoredFile {
  return {
    ...file,
    receivedAt: iso(file.receivedAt),
    expiresAt: file.expiresAt === null ? null : iso(file.expiresAt),
    deletedAt: null,
    deletedBecause: null,
  }
}

function visible(within: Within | undefined, values: unknown[]): string {
  return within === undefined ? 'true' : `(kind = 'firmware' or ${within('charger', values)})`
}

export async function fileById(
  reader: Query,
  id: string,
  within?: Within,
): Promise<KnownFile | undefined> {
  const values: unknown[] = [id]
  const { rows } = await reader.query<FileRow>(
    `select * from file where id = $1 and ${visible(within, values)}`,
    values,
  )
  return rows[0] === undefined ? undefined : known(rows[0])
}

/** Newest first, those before the file `before`. */
export async function listFiles(
  reader: Query,
  { charger, kind, dispatch, deleted }: FileFilter,
  before: string | undefined,
  limit: number,
  within?: Within,
): Promise<KnownFile[]> {
  const values: unknown[] = [
    before ?? null,
    charger ?? null,
    kind ?? null,
    dispatch ?? null,
    deleted ?? null,
    limit,
  ]
  const { rows } = await reader.query<FileRow>(
    `select * from file
      where ($1::uuid is null or id < $1)
        and ($2::text is null or charger = $2)
        and ($3::text is null or kind = $3)
        and ($4::uuid is null or dispatch = $4)
        and ($5::boolean is null or (deleted_at is not null) = $5)
        and ${visible(within, values)}
      order by id desc limit $6`,
    values,
  )
  return rows.map(known)
}

export async function insertFile(tx: Tx, file: NewFile): Promise<void> {
  await tx.query(
    `insert into file (id, kind, charger, dispatch, name, size, sha256, content_type, protocol,
                       remote_address, store, received_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      file.id,
      file.kind,
      file.charger,
      file.dispatch,
      file.name,
      file.size,
      file.sha256,
      file.contentType,
      file.protocol,
      file.remoteAddress,
      file.store,
      iso(file.receivedAt),
      file.expiresAt === null ? null : iso(file.expiresAt),
    ],
  )
}

/** From now on no charger fetches it, whatever links there are. */
export async function withholdFile(tx: Tx, id: string, at: number): Promise<void> {
  await tx.query('update file set withheld_at = $2 where id = $1 and withheld_at is null', [
    id,
    iso(at),
  ])
}

/** Marks a file as deleted; undefined where it is no file, or deleted already. */
export async function markDeleted(
  tx: Tx,
  id: string,
  at: number,
  because: string,
): Promise<KnownFile | undefined> {
  const { rows } = await tx.query<FileRow>(
    `update file set deleted_at = $2, deleted_because = $3
      where id = $1 and deleted_at is null returning *`,
    [id, iso(at), because],
  )
  return rows[0] === undefined ? undefined : known(rows[0])
}

/** Marks as deleted, in one folder, the files whose time is over. */
export async function markExpired(
  tx: Tx,
  { store, at, because, limit }: { store: string; at: number; because: string; limit: number },
): Promise<KnownFile[]> {
  const { rows } = await tx.query<FileRow>(
    `update file set deleted_at = $2, deleted_because = $3
      where id in (
        select id from file
         where deleted_at is null and expires_at <= $2 and store = $1
         order by expires_at limit $4 for update skip locked)
      returning *`,
    [store, iso(at), because, limit],
  )
  return rows.map(known).sort((one, other) => (one.id < other.id ? -1 : 1))
}

/** Which of these ids are files whose content should be there. */
export async function keptAmong(reader: Query, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await reader.query<{ id: string }>(
    'select id from file where id = any($1::uuid[]) and deleted_at is null',
    [ids],
  )
  return new Set(rows.map(({ id }) => id))
}

/** ms since the epoch as a timestamptz parameter. */
export function iso(at: number): string {
  return new Date(at).toISOString()
}
