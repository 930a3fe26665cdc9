import type { Database } from '../storage/database.ts'
import type { Audit } from './audit.ts'
import { appendEntries, findEntries } from './store.ts'
import { verifyRecord } from './verify.ts'

export function openAudit({ database }: { readonly database: Database }): Audit {
  return {
    append: appendEntries,
    list: (query) => findEntries(database, query),
    verify: () => verifyRecord(database),
  }
}
