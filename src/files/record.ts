import type { Change } from '../audit/record.ts'
import type { Context } from '../kernel/actor.ts'
import type { StoredFile } from './files.ts'

/** What the audit record keeps of what became of a file. */
export function fileChange(
  context: Context,
  event: 'file.downloaded' | 'file.deleted',
  { id, name, size, sha256, charger, dispatch }: StoredFile,
  reason?: string,
): Change {
  return {
    context,
    event,
    ...(charger === null ? {} : { charger }),
    ...(dispatch === null ? {} : { dispatch }),
    ...(reason === undefined ? {} : { reason }),
    detail: { file: id, name, size, sha256 },
  }
}
