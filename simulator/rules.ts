import { isJsonObject } from '../src/kernel/json.ts'
import type { ErrorMeaning } from '../src/ocpp/error-codes.ts'

/** What a persona does about certain CALLs, as data. */
export interface Rule {
  /** Actions of received CALLs. */
  readonly on: 'all' | readonly string[]
  readonly except?: readonly string[]
  /** How often it applies, 0 to 1; always by default. */
  readonly share?: number
  /** Applies only to CALLs whose payload lacks this field. */
  readonly withoutField?: string
  /** Applies only to CALLs whose payload is like this. */
  readonly where?: Where
  /** Applies only while no boot of this life has been answered. */
  readonly whileUnbooted?: true
  /** Applies only so long after the connection opened. */
  readonly withinMs?: number
  readonly deed: Deed
}

/** What a value of a payload is like; `field` joins names with dots. */
export interface Where {
  readonly field: string
  readonly is?: string | number
  /** A number, and greater. */
  readonly above?: number
  /** A number, and less. */
  readonly below?: number
  /** A list or text with more elements or characters. */
  readonly longerThan?: number
  /** A list that holds this text. */
  readonly has?: string
}

export type Deed =
  /** Answers and acts, but late. */
  | { readonly do: 'delay'; readonly ms: readonly [least: number, most: number] }
  /** Never answers; may act all the same. */
  | { readonly do: 'ignore'; readonly acts: boolean }
  /** Answers that it will not. */
  | { readonly do: 'refuse' }
  /** Drops the connection instead of answering, having acted or not. */
  | { readonly do: 'drop'; readonly acts: boolean }
  /** Restarts instead of answering. */
  | { readonly do: 'crash' }
  /** Answers as if it would, and does nothing. */
  | { readonly do: 'pretend' }
  /** Gives this answer, whatever the schema says, and acts or not. */
  | { readonly do: 'answer'; readonly payload: object; readonly acts: boolean }
  /** Accepts, and ends the running transaction. */
  | { readonly do: 'end-session' }
  | { readonly do: 'error'; readonly meaning: ErrorMeaning }

/** How the charger's line stands when a CALL comes. */
export interface Moment {
  readonly sinceOpenMs: number
  readonly booted: boolean
}

const ordinary: Moment = { sinceOpenMs: Number.POSITIVE_INFINITY, booted: true }

/** The first of these rules that fits a CALL; undefined: the honest course. */
export function ruleFor(
  { rules }: { readonly rules: readonly Rule[] },
  action: string,
  payload: unknown,
  chance: (share: number) => boolean,
  moment: Moment = ordinary,
): Rule | undefined {
  return rules.find((rule) => {
    if (rule.on !== 'all' && !rule.on.includes(action)) return false
    if (rule.except?.includes(action) === true) return false
    if (rule.withoutField !== undefined && valueAt(payload, rule.withoutField) !== undefined)
      return false
    if (rule.where !== undefined && !isLike(valueAt(payload, rule.where.field), rule.where))
      return false
    if (rule.whileUnbooted === true && moment.booted) return false
    if (rule.withinMs !== undefined && moment.sinceOpenMs >= rule.withinMs) return false
    return rule.share === undefined || chance(rule.share)
  })
}

function valueAt(payload: unknown, field: string): unknown {
  return field
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        Array.isArray(value)
          ? (value[Number(name)] as unknown)
          : isJsonObject(value)
            ? value[name]
            : undefined,
      payload,
    )
}

function isLike(value: unknown, { is, above, below, longerThan, has }: Where): boolean {
  if (is !== undefined && value !== is) return false
  if (above !== undefined && !(typeof value === 'number' && value > above)) return false
  if (below !== undefined && !(typeof value === 'number' && value < below)) return false
  const length = typeof value === 'string' || Array.isArray(value) ? value.length : 0
  if (longerThan !== undefined && length <= longerThan) return false
  return has === undefined || (Array.isArray(value) && value.includes(has))
}
