import type { Audit, AuditEvent } from '../audit/audit.ts'
import type { Also, Tx, Write } from '../storage/database.ts'
import type { StoredFile } from './files.ts'
import type { NewFile } from './store.ts'
import { insertFile, iso, shownFile } from './store.ts'

/** One more use of a link is about to begin. */
export interface Use {
  /** SHA-256 of the token. */
  readonly token: Buffer
  readonly kind: 'upload' | 'download'
  readonly dispatch: string
  /** Of a download. */
  readonly file: string | null
  readonly at: number
  readonly expiresAt: number
  /** Recorded of the first use. */
  readonly first?: AuditEvent
}

/** What has been done with the link, this use included. */
export interface Uses {
  readonly times: number
  readonly bytes: number
  /** Of an upload: it is complete. */
  readonly complete: boolean
}

/** An upload that is whole on disk. */
export interface Arrival {
  readonly token: Buffer
  readonly file: NewFile
  readonly event: AuditEvent
}

export interface FileWrites {
  readonly use: Write<Use, Uses>
  /** Makes it a file, unless another upload of the same link was complete before: then false. */
  readonly arrive: Write<Arrival, boolean>
  readonly sent: Write<{ readonly token: Buffer; readonly bytes: number }>
}

/** What else becomes true with a file, in the same transaction. May be called again for the same file. */
export type Consequence = (file: StoredFile, also: Also) => void

export function fileWrites(
  audit: Pick<Audit, 'append'>,
  consequence: Consequence = () => undefined,
): FileWrites {
  return {
    use: {
      name: 'files.use',
      stage: 'state',
      async apply(tx, items, also) {
        const results: Uses[] = []
        for (const item of items) {
          const uses = await noteUse(tx, item)
          if (uses.times === 1 && item.first !== undefined) also(audit.append, item.first)
          results.push(uses)
        }
        return results
      },
    },
    arrive: {
      name: 'files.arrive',
      stage: 'state',
      async apply(tx, items, also) {
        const results: boolean[] = []
        for (const { token, file, event } of items) {
          const { rowCount } = await tx.query(
            'update file_use set file = $2, last_at = $3 where token = $1 and file is null',
            [token, file.id, iso(file.receivedAt)],
          )
          const first = rowCount === 1
          if (first) {
            await insertFile(tx, file)
            consequence(shownFile(file), also)
            also(audit.append, event)
          }
          results.push(first)
        }
        return results
      },
    },
    sent: {
      name: 'files.sent',
      stage: 'state',
      async apply(tx, items) {
        await tx.query(
          `update file_use u set bytes = u.bytes + s.bytes
             from (select token, sum(bytes) as bytes
                     from unnest($1::bytea[], $2::bigint[]) as x (token, bytes)
                    group by token) s
            where u.token = s.token`,
          [items.map(({ token }) => token), items.map(({ bytes }) => bytes)],
        )
        return items.map(() => undefined)
      },
    },
  }
}

async function noteUse(tx: Tx, use: Use): Promise<Uses> {
  const { rows } = await tx.query<{ times: number; bytes: number; file: string | null }>(
    `insert into file_use as u (token, kind, dispatch, file, times, first_at, last_at, expires_at)
     values ($1, $2, $3, $4, 1, $5, $5, $6)
     on conflict (token) do update set times = u.times + 1, last_at = excluded.last_at
     returning times, bytes, file`,
    [use.token, use.kind, use.dispatch, use.file, iso(use.at), iso(use.expiresAt)],
  )
  const { times, bytes, file } = rows[0]!
  return { times, bytes, complete: use.kind === 'upload' && file !== null }
}

/** Forgets the uses of links that expired before `before`: they are refused for that alone. */
export async function forgetUses(tx: Tx, before: number): Promise<void> {
  await tx.query('delete from file_use where expires_at < $1', [iso(before)])
}
