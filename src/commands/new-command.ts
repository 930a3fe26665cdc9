import type { Context } from '../kernel/actor.ts'
import type { Json } from '../kernel/json.ts'
import type { SupplyRequest } from '../operations/supply.ts'
import type { Admission } from '../policy/gate.ts'
import type { CheckedSubmission } from './submission.ts'

/** A checked submission with its targets resolved, ready to be recorded. */
export interface NewCommand {
  readonly id: string
  readonly context: Context
  readonly checked: CheckedSubmission
  readonly targets: readonly { readonly id: string; readonly charger: string }[]
  readonly at: number
  readonly admission: Admission
  /** What another room gave to it; undefined where it needs nothing. */
  readonly supply: { readonly request: SupplyRequest; readonly value: Json } | undefined
}

/** Its part on one charger. */
export interface NewDispatch {
  readonly id: string
  readonly command: string
  readonly charger: string
  readonly operation: string
  readonly scope: string | null
  readonly exclusive: boolean
  readonly paced: boolean
  readonly state: 'queued' | 'refused'
  readonly ready: boolean
  readonly not_after: number
  readonly detail: string | null
  readonly updated_at: number
}

/** Where commands of one operation and scope are in each other's way. */
export function placeOf(charger: string, operation: string, scope: string): string {
  return `${charger}\n${operation}\n${scope}`
}
