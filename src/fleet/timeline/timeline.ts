import type { JsonObject } from '../../kernel/json.ts'
import type { Page, PageRequest } from '../../kernel/page.ts'

/** What can stand in a charger's timeline. */
export const timelineKinds = [
  'fault',
  'condition',
  'security',
  'monitor',
  'job',
  'boot',
  'connection',
  'violation',
  'command',
  'change',
] as const
export type TimelineKind = (typeof timelineKinds)[number]

/** Something that happened to a charger, or was done to it. */
export interface TimelineEntry {
  readonly at: string
  readonly kind: TimelineKind
  /** What happened, for people. */
  readonly sentence: string
  readonly detail: JsonObject
}

/** Where a page of one source begins and ends. */
export interface Stretch {
  /** ms since the epoch. */
  readonly since: number | undefined
  readonly before: Before | undefined
  readonly limit: number
}

/** Entries earlier than `at`; of those at `at`, those whose id is less, or `all`, or `none`. */
export interface Before {
  readonly at: number
  readonly id: string
}

/** An entry with its place in the order of its source: `at` falling, then `id` falling as ASCII text. */
export interface PlacedEntry {
  /** ms since the epoch. */
  readonly at: number
  readonly id: string
  readonly sentence: string
  readonly detail: JsonObject
}

/** Where entries of one kind come from. */
export interface TimelineSource {
  /** Unique among the sources. */
  readonly name: string
  readonly kind: TimelineKind
  read(charger: string, stretch: Stretch): Promise<PlacedEntry[]>
}

export interface TimelineFilter {
  readonly kind?: readonly TimelineKind[]
  /** ms since the epoch. */
  readonly since?: number
}

export interface Timeline {
  /** Everything that happened to a charger, newest first. Unknown chargers are a ProblemError. */
  of(identity: string, page: PageRequest, filter: TimelineFilter): Promise<Page<TimelineEntry>>
}
