import type { Context } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Page, PageRequest } from '../kernel/page.ts'
import type { Within } from '../storage/within.ts'
import type { DetectorName, Finding } from './detector.ts'

export const verdicts = ['misuse', 'mistake', 'legitimate', 'unclear'] as const
export type Verdict = (typeof verdicts)[number]

/** What detection found, for somebody to look at. One is open for one thing at a time; it counts how often. */
export interface Alert {
  readonly id: string
  readonly detector: DetectorName
  /** What it is about, e.g. `actor/p1`. */
  readonly key: string
  readonly mode: Finding['mode']
  readonly actor: { readonly id: string; readonly name: string }
  readonly operation: string
  readonly sentence: string
  readonly observed: number
  readonly baseline: JsonObject
  readonly windowMinutes: number
  readonly chargers: readonly string[]
  readonly firstAt: string
  readonly lastAt: string
  readonly times: number
  readonly closedAt: string | null
  readonly closedBy: string | null
  readonly verdict: Verdict | null
  readonly finding: string | null
}

/** With `within`, alerts about chargers elsewhere, and about none, are as if they were not there. */
export interface Alerts {
  /** Newest first. */
  list(
    page: PageRequest,
    filter?: { readonly open?: boolean },
    within?: Within,
  ): Promise<Page<Alert>>
  /** Says what it was; a held actor may go on. Nobody closes an alert about themselves or a robot they made. */
  close(
    context: Context,
    id: string,
    review: { readonly verdict: Verdict; readonly finding: string },
    within?: Within,
  ): Promise<Alert>
}
