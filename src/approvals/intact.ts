import type { JsonObject } from '../kernel/json.ts'
import { digestOfText, documentFormat, type RequestDocument } from './document.ts'
import type { WholeRequest } from './store.ts'

/** A stored request that is what its maker asked for. */
export interface IntactRequest {
  readonly row: WholeRequest
  readonly document: RequestDocument
  readonly plan: JsonObject | undefined
}

/** Reads a stored request, or says in what it was changed since it was made: its digest no longer fits. */
export function intact(row: WholeRequest): IntactRequest | { readonly broken: string } {
  if (digestOfText(row.document) !== row.digest)
    return { broken: 'what is stored is not what was asked for: its digest does not fit' }
  const document = JSON.parse(row.document) as RequestDocument
  if (document.format !== documentFormat || document.id !== row.id)
    return { broken: 'what is stored belongs to another request' }
  const planned = document.content.plan
  if (row.plan === null) return { row, document, plan: undefined }
  if (digestOfText(row.plan) !== planned)
    return { broken: 'the plan that is stored is not the one that was asked for' }
  return { row, document, plan: JSON.parse(row.plan) as JsonObject }
}
