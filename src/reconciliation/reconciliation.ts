import type { Context } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Page, PageRequest } from '../kernel/page.ts'
import type { IncidentKind } from './reconcile.ts'
import type { Within } from '../storage/within.ts'

/** Something that must not be and was. Open until somebody has said what it was. */
export interface Incident {
  readonly id: string
  readonly kind: IncidentKind
  readonly openedAt: string
  readonly charger: string | null
  readonly gateway: string
  readonly detail: JsonObject
  readonly closedAt: string | null
  /** The name of whoever closed it. */
  readonly closedBy: string | null
  readonly finding: string | null
}

/** Whether what left for chargers is what the record announced. */
export interface Reconciliation {
  /** Newest first. */
  /** With `within`, only those about chargers that lie there. */
  incidents(
    page: PageRequest,
    filter?: { readonly open?: boolean },
    within?: Within,
  ): Promise<Page<Incident>>
  /** Says what it was. */
  closeIncident(context: Context, id: string, finding: string): Promise<Incident>
}
