import type { Query, Tx } from '../storage/database.ts'
import type { SigningKey } from './certificate.ts'
import type { FirmwareFilter, FirmwareImage, FirmwareSigner, FirmwareState } from './firmware.ts'

interface FirmwareRow {
  id: string
  file: string
  name: string
  vendor: string
  models: string[]
  installs_over: string[]
  version: string
  size: number
  sha256: string
  md5: string
  signature: string
  certificate: string
  signed_by: FirmwareSigner
  state: FirmwareState
  uploaded_at: Date
  uploaded_by: string
  released_at: Date | null
  withdrawn_at: Date | null
  first_used_at: Date | null
}

function image(row: FirmwareRow): FirmwareImage {
  return {
    id: row.id,
    file: row.file,
    name: row.name,
    vendor: row.vendor,
    models: row.models,
    from: row.installs_over,
    version: row.version,
    size: row.size,
    sha256: row.sha256,
    md5: row.md5,
    signature: row.signature,
    certificate: row.certificate,
    signedBy: row.signed_by,
    state: row.state,
    uploadedAt: row.uploaded_at.toISOString(),
    uploadedBy: row.uploaded_by,
    releasedAt: row.released_at?.toISOString() ?? null,
    withdrawnAt: row.withdrawn_at?.toISOString() ?? null,
    firstUsedAt: row.first_used_at?.toISOString() ?? null,
  }
}

export async function firmwareById(reader: Query, id: string): Promise<FirmwareImage | undefined> {
  const { rows } = await reader.query<FirmwareRow>('select * from firmware where id = $1', [id])
  return rows[0] === undefined ? undefined : image(rows[0])
}

/** The same, and nobody else changes it until the transaction ends. */
export async function lockFirmware(tx: Tx, id: string): Promise<FirmwareImage | undefined> {
  const { rows } = await tx.query<FirmwareRow>('select * from firmware where id = $1 for update', [
    id,
  ])
  return rows[0] === undefined ? undefined : image(rows[0])
}

/** Newest first, those before the image `before`. */
export async function listFirmware(
  reader: Query,
  { vendor, model, state }: FirmwareFilter,
  before: string | undefined,
  limit: number,
): Promise<FirmwareImage[]> {
  const { rows } = await reader.query<FirmwareRow>(
    `select * from firmware
      where ($1::uuid is null or id < $1)
        and ($2::text is null or lower(vendor) = lower($2))
        and ($3::text is null or exists (
          select from unnest(models) as m (pattern)
           where lower(pattern) = lower($3)
              or right(pattern, 1) = '*' and starts_with(lower($3), lower(left(pattern, -1)))))
        and ($4::text is null or state = $4)
      order by id desc limit $5`,
    [before ?? null, vendor ?? null, model ?? null, state ?? null, limit],
  )
  return rows.map(image)
}

export type NewFirmwareRow = Omit<
  FirmwareImage,
  'state' | 'uploadedAt' | 'releasedAt' | 'withdrawnAt' | 'firstUsedAt'
> & { readonly at: number }

export async function insertFirmware(tx: Tx, row: NewFirmwareRow): Promise<FirmwareImage> {
  const { rows } = await tx.query<FirmwareRow>(
    `insert into firmware (id, file, name, vendor, models, installs_over, version, size, sha256, md5,
                           signature, certificate, signed_by, state, uploaded_at, uploaded_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'held', $14, $15)
     returning *`,
    [
      row.id,
      row.file,
      row.name,
      row.vendor,
      row.models,
      row.from,
      row.version,
      row.size,
      row.sha256,
      row.md5,
      row.signature,
      row.certificate,
      row.signedBy,
      iso(row.at),
      row.uploadedBy,
    ],
  )
  return image(rows[0]!)
}

/** `held` is where every image begins. */
export async function setState(
  tx: Tx,
  id: string,
  state: 'released' | 'withdrawn',
  at: number,
): Promise<FirmwareImage> {
  const column = state === 'released' ? 'released_at' : 'withdrawn_at'
  const { rows } = await tx.query<FirmwareRow>(
    `update firmware set state = $2, ${column} = $3 where id = $1 returning *`,
    [id, state, iso(at)],
  )
  return image(rows[0]!)
}

export async function deleteFirmware(tx: Tx, id: string): Promise<void> {
  await tx.query('delete from firmware where id = $1', [id])
}

/**
 * Commands take them: from now on they cannot be deleted. Answers which of them there are. In the order of
 * their ids, so that two who note the same ones do not wait for each other.
 */
export async function noteFirstUse(
  tx: Tx,
  ids: readonly string[],
  at: number,
): Promise<ReadonlySet<string>> {
  await tx.query(
    `update firmware set first_used_at = $2 where id in (
       select id from firmware where id = any($1::uuid[]) and first_used_at is null order by id for update)`,
    [ids, iso(at)],
  )
  const { rows } = await tx.query<{ id: string }>(
    'select id from firmware where id = any($1::uuid[])',
    [ids],
  )
  return new Set(rows.map(({ id }) => id))
}

export async function signingKey(reader: Query): Promise<SigningKey | undefined> {
  const { rows } = await reader.query<{ private_key: string; certificate: string }>(
    'select private_key, certificate from firmware_signing_key',
  )
  const [row] = rows
  return row === undefined
    ? undefined
    : { privateKey: row.private_key, certificate: row.certificate }
}

/** Answers whether it is the one from now on, and not another that was made meanwhile. */
export async function insertSigningKey(tx: Tx, key: SigningKey, at: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into firmware_signing_key (private_key, certificate, made_at) values ($1, $2, $3)
     on conflict do nothing`,
    [key.privateKey, key.certificate, iso(at)],
  )
  return rowCount === 1
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
