import type { JsonObject } from '../kernel/json.ts'
import type { CapabilityName, CapabilityValue } from '../models/capability.ts'

/** Something an answer teaches about the charger; remembered in the transaction that settles the answer. */
export type Observation =
  | {
      readonly kind: 'capability'
      readonly name: CapabilityName
      readonly value: CapabilityValue
      /** `probed`: the charger told it; `observed`: an answer showed it. */
      readonly source: 'probed' | 'observed'
      readonly why: string
    }
  /** Settings as the charger told them, by key: the 1.6 key, or `Component/Variable` of 2.x. */
  | { readonly kind: 'settings'; readonly readings: readonly SettingReading[] }
  /** The local authorisation list the charger now holds: which of ours, at which revision, under which version number. */
  | {
      readonly kind: 'local-list'
      readonly list: string
      readonly revision: number
      readonly version: number
    }
  /** The charger holds a connector, or any of them, for somebody. */
  | {
      readonly kind: 'reservation'
      readonly id: number
      readonly evse?: number
      readonly until: number
    }
  /** A file of its arrived whole at our file plane. */
  | {
      readonly kind: 'upload'
      readonly dispatch: string
      readonly file: string
      readonly name: string
      readonly size: number
    }
  /** The limit of a place (an EVSE, or 0) is a weekly one, to be sent again after a moment; or is none any more. */
  | {
      readonly kind: 'weekly-limit'
      readonly place: number
      readonly again: { readonly params: JsonObject; readonly after: number } | null
    }
  /** The version number the charger says its list has. */
  | { readonly kind: 'local-list-version'; readonly version: number }

export interface SettingReading {
  readonly key: string
  /** Null: known to the charger and not told, e.g. write-only. */
  readonly value: string | null
  readonly readonly?: boolean
  /** The charger does not know the key. */
  readonly unknown?: true
}
