import type { Audit } from '../audit/audit.ts'
import { recorded } from '../audit/record.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { checkLimit, isUuid, keyOfCursor, pageOf } from '../kernel/page.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Database } from '../storage/database.ts'
import type { Within } from '../storage/within.ts'
import type { Contents } from './content.ts'
import type { Files, StoredFile } from './files.ts'
import { checkReason } from '../kernel/reason.ts'
import { fileChange } from './record.ts'
import type { KnownFile } from './store.ts'
import { fileById, listFiles, markDeleted } from './store.ts'

interface CabinetParts {
  readonly database: Database
  readonly audit: Pick<Audit, 'append'>
  readonly clock: Clock
  readonly log: Log
  readonly contents: Contents
}

/** What people do with files. */
export function openCabinet({ database, audit, clock, log, contents }: CabinetParts): Files {
  async function existing(id: string, within: Within | undefined): Promise<KnownFile> {
    const file = isUuid(id) ? await fileById(database, id, within) : undefined
    if (file === undefined) throw unknownFile(id)
    return file
  }

  return {
    async list(page, filter, within) {
      const limit = checkLimit(page)
      const before = keyOfCursor('files', page, isUuid)
      if (filter.dispatch !== undefined && !isUuid(filter.dispatch))
        throw new ProblemError('invalid-input', 'is not the id of a dispatch', 'dispatch')
      const rows = await listFiles(database, filter, before, limit + 1, within)
      return pageOf('files', limit, rows, ({ id }) => id, shown)
    },

    show: async (id, within) => shown(await existing(id, within)),

    async read(context, id, within) {
      const file = await existing(id, within)
      if (file.deletedAt !== null)
        throw new ProblemError(
          'not-found',
          `its content was deleted on ${file.deletedAt}: ${file.deletedBecause}`,
        )
      const handle = await contents.open(id).catch((error: unknown) => {
        log.warn({ err: error, file: id }, 'a file is not in this node’s folder')
        throw new ProblemError('not-found', elsewhere(file, contents))
      })
      try {
        await database.transaction((tx) =>
          recorded(tx, { audit, clock }, [fileChange(context, 'file.downloaded', file)]),
        )
      } catch (error) {
        await handle.close()
        throw error
      }
      return { file: shown(file), content: handle.createReadStream() }
    },

    async remove(context, id, why, within) {
      const reason = checkReason(why)
      const file = await existing(id, within)
      if (file.kind === 'firmware')
        throw new ProblemError(
          'invalid-input',
          'it is the content of a firmware image; delete that, under /api/v1/firmware',
          'id',
        )
      await database.transaction(async (tx) => {
        const deleted = await markDeleted(tx, id, clock.now(), reason)
        if (deleted === undefined) throw new ProblemError('too-late', `${id} is deleted already`)
        await recorded(tx, { audit, clock }, [fileChange(context, 'file.deleted', deleted, reason)])
      })
      await contents.remove(id)
    },
  }
}

function shown({ store: _store, withheld: _withheld, ...file }: KnownFile): StoredFile {
  return file
}

function unknownFile(id: string): ProblemError {
  return new ProblemError('not-found', `there is no file ${id}`, 'id')
}

function elsewhere(file: KnownFile, contents: Contents): string {
  return file.store === contents.store
    ? 'its content is missing in the data folder'
    : 'its content is in the data folder of another control node; let them share the folder `files`'
}
