import type { JsonObject } from '../../kernel/json.ts'
import type { Page, PageRequest } from '../../kernel/page.ts'
import { checkLimit, isNumber, keyOfCursor, pageOf } from '../../kernel/page.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Version } from '../../ocpp/versions.ts'
import type { ReportKind } from '../../operations/facts.ts'
import { isMeaningName, meaningOf, spellingOf } from '../../operations/meanings.ts'
import { isRefusal } from '../../operations/operation.ts'
import { ordinaryProfile } from '../../models/profile.ts'
import type { Database } from '../../storage/database.ts'
import { iso } from '../rows.ts'
import { covers } from '../groups/scope.ts'
import type { Scope } from '../groups/scope.ts'
import { belongingOf } from '../registry/belonging.ts'
import { unknownCharger } from '../registry/view.ts'
import type { ComparedRow, ComparedSetting, Side } from './compare.ts'
import { compareSettings } from './compare.ts'
import type { StoredSetting } from './store.ts'
import { elementsOf, settingsOf, toldBy } from './store.ts'

/** A setting of a charger as it was told last. */
export interface KnownSetting extends StoredSetting {
  /** What it means, and its value in the meaning's words. */
  readonly meaning: string | null
  readonly means: string | null
}

/** A setting as somebody wants it, by key or by meaning. */
export interface WantedSetting {
  readonly key?: string
  readonly meaning?: string
  readonly value: string
}

/** What a charger told in several messages. */
export interface ToldReport {
  readonly kind: ReportKind
  readonly requestId: number
  readonly receivedAt: string
  readonly parts: number
  readonly elements: number
  readonly complete: boolean
  /** Numbers of parts that are missing. */
  readonly missing: readonly number[]
}

/** What chargers told of their settings and in reports, as the faces ask for it. */
export interface ChargerSettings {
  settings(identity: string, page: PageRequest): Promise<Page<KnownSetting>>
  /** Compares what is known of a charger with another of the scope, or with what is wanted. Read-only settings are left out unless they are asked for. */
  compareSettings(
    identity: string,
    other: { readonly charger: string } | { readonly settings: readonly WantedSetting[] },
    options: { readonly readOnly?: boolean },
    scope?: Scope,
  ): Promise<ComparedRow[]>
  /** Newest first. */
  toldReports(identity: string): Promise<ToldReport[]>
  reportElements(
    identity: string,
    report: { readonly kind: ReportKind; readonly requestId: number },
    page: PageRequest,
  ): Promise<Page<JsonObject>>
}

const assumedVersion: Version = '1.6'

export function openSettings(database: Database): ChargerSettings {
  async function told(identity: string) {
    const state = await toldBy(database, identity)
    if (state === undefined) throw unknownCharger(identity)
    return { version: state.version ?? assumedVersion, reports: state.reports }
  }

  async function sideOf(identity: string, readOnly: boolean): Promise<Side> {
    const [{ version }, stored] = await Promise.all([
      told(identity),
      settingsOf(database, identity),
    ])
    const settings = stored.filter((one) => !one.unknown && (readOnly || one.readonly !== true))
    return { version, settings }
  }

  return {
    async settings(identity, page) {
      const limit = checkLimit(page)
      const after = keyOfCursor('settings', page)
      const { version } = await told(identity)
      const rows = await settingsOf(database, identity, after, limit + 1)
      return pageOf(
        'settings',
        limit,
        rows,
        ({ key }) => key,
        (row) => {
          const known = meaningOf(version, row.key, row.value)
          return { ...row, meaning: known?.meaning ?? null, means: known?.value ?? null }
        },
      )
    },

    async compareSettings(identity, other, { readOnly = false }, scope = 'everywhere') {
      const here = await sideOf(identity, readOnly)
      if ('charger' in other && scope !== 'everywhere') {
        const place = (await belongingOf(database, [other.charger])).get(other.charger)
        if (!covers(scope, place?.group ?? null)) throw unknownCharger(other.charger)
      }
      if ('charger' in other) return compareSettings(here, await sideOf(other.charger, readOnly))
      const wanted = other.settings.map((one, index) => wantedSetting(one, index, here.version))
      const there: Side = { version: here.version, settings: wanted }
      return compareSettings(here, there).filter(({ difference }) => difference !== 'only-here')
    },

    async toldReports(identity) {
      const { reports } = await told(identity)
      return reports.toReversed().map((one) => ({
        kind: one.kind,
        requestId: one.requestId,
        receivedAt: iso(new Date(one.receivedAt)),
        parts: one.parts,
        elements: one.items,
        complete: one.complete,
        missing: one.missing,
      }))
    },

    async reportElements(identity, report, page) {
      const limit = checkLimit(page)
      const { kind, requestId } = report
      const list = `report ${kind} ${requestId}`
      const after = Number(keyOfCursor(list, page, isNumber) ?? 0)
      const { reports } = await told(identity)
      if (!reports.some((one) => one.kind === kind && one.requestId === requestId))
        throw new ProblemError('not-found', `${identity} has told no such report`, 'requestId')
      const items = await elementsOf(database, identity, report, after, limit + 1)
      const numbered = items.map((item, index) => ({ item, place: after + index + 1 }))
      return pageOf(
        list,
        limit,
        numbered,
        ({ place }) => String(place),
        ({ item }) => item,
      )
    },
  }
}

function wantedSetting(
  { key, meaning, value }: WantedSetting,
  index: number,
  version: Version,
): ComparedSetting {
  const field = `settings[${index}]`
  if ((key === undefined) === (meaning === undefined))
    throw new ProblemError('invalid-input', 'name the setting either by key or by meaning', field)
  if (key !== undefined) return { key, value, readonly: null }
  if (meaning === undefined || !isMeaningName(meaning))
    throw new ProblemError('invalid-input', `there is no meaning ${meaning}`, `${field}.meaning`)
  const spelling = spellingOf(meaning, { version, profile: ordinaryProfile })
  if (isRefusal(spelling))
    throw new ProblemError('invalid-input', spelling.refused, `${field}.meaning`)
  return { key: spelling.key, value: spelling.write(value), readonly: null }
}
