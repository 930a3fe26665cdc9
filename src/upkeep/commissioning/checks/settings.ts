import type { Became } from '../../../commands/asked.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import type { ChargerFacts } from '../../../operations/facts.ts'
import { meaningNames, spellingOf } from '../../../operations/meanings.ts'
import type { MeaningName } from '../../../operations/meanings.ts'
import { isRefusal } from '../../../operations/operation.ts'
import { sameValue } from '../../../operations/settings-key.ts'
import type { BaselineSettings } from '../run.ts'
import type { Check, Look } from './check.ts'
import { ask, commandOf, failed, fateText, passed, skipped, stillOpen, warning } from './check.ts'

/** What matters in operation, and is looked at where nobody has said what is wanted. */
const looked: readonly MeaningName[] = [
  'heartbeat-interval',
  'meter-value-interval',
  'meter-measurands',
  'connection-timeout',
  'authorise-offline',
  'authorise-unknown-offline',
  'local-list-enabled',
  'stop-on-cable-pulled',
]

interface Deviation {
  readonly setting: string
  readonly wanted: string
  /** Null where the charger tells none. */
  readonly told: string | null
}

export const settings: Check = {
  name: 'settings',
  title: 'Its settings are as wanted',
  look(scene) {
    const { baseline, facts, wanted } = scene
    const { asking, without } = applicable(baseline?.settings ?? lookedAt, facts)
    if (Object.keys(asking).length === 0)
      return skipped(`no setting that is wanted exists on OCPP ${facts.version ?? ''}`)
    const read = commandOf(scene, 0)
    if (read === undefined) return ask('settings.read', named(Object.keys(asking)))
    if (read === 'open') return stillOpen(scene)
    if (!read.worked)
      return warning(
        `they could not be read (${fateText(read)})`,
        'Read them one by one: otactl run settings.read.',
      )
    const values = valuesIn(read)
    if (Object.keys(values).length === 0)
      return warning('it tells none of them', 'Read others: otactl run settings.read.')
    if (baseline === undefined) return passed(listed(values), { values, wanted: null })
    const deviations = deviationsOf(asking, values)
    const detail = { values, wanted: asking, deviations: asJson(deviations), without }
    if (deviations.length === 0)
      return passed(`${Object.keys(asking).length} as ${baseline.from} says`, detail)
    if (wanted.writeBaseline !== true)
      return failed(
        deviations.map(deviationText).join('; '),
        'Write them: commission again with writing allowed, or otactl run settings.write.',
        detail,
      )
    const written = commandOf(scene, 1)
    if (written === undefined) return ask('settings.write', { settings: toWrite(deviations) })
    if (written === 'open') return stillOpen(scene)
    return afterWriting(written, deviations, detail)
  },
}

const lookedAt: BaselineSettings = Object.fromEntries(looked.map((one) => [one, '']))

function afterWriting(written: Became, deviations: readonly Deviation[], detail: JsonObject): Look {
  const before = deviations.map(deviationText).join('; ')
  if (written.worked) return passed(`written and read back; before: ${before}`, detail)
  if (written.state === 'accepted-unverified')
    return warning(
      `written, not seen (${fateText(written)}); before: ${before}`,
      'Restart the charger and commission it again.',
      detail,
    )
  return failed(
    `${before}; they could not be written (${fateText(written)})`,
    'Set them on site.',
    detail,
  )
}

function isMeaning(name: string): name is MeaningName {
  return (meaningNames as readonly string[]).includes(name)
}

/** What of it this charger has a word for. */
function applicable(wanted: BaselineSettings, facts: ChargerFacts) {
  const entries = Object.entries(wanted)
  const fits = ([name]: [string, string]): boolean =>
    !isMeaning(name) || !isRefusal(spellingOf(name, facts))
  return {
    asking: Object.fromEntries(entries.filter(fits)),
    without: entries.filter((one) => !fits(one)).map(([name]) => name),
  }
}

function named(names: readonly string[]): JsonObject {
  const meanings = names.filter(isMeaning)
  const keys = names.filter((name) => !isMeaning(name))
  return {
    ...(keys.length === 0 ? {} : { keys }),
    ...(meanings.length === 0 ? {} : { meanings }),
  }
}

/** What was told, by meaning where it has one, and by key. */
function valuesIn({ result }: Became): JsonObject {
  const told = isJsonObject(result) && isJsonObject(result.values) ? result.values : {}
  return Object.fromEntries(
    Object.entries(told).flatMap(([key, one]): [string, Json][] => {
      if (!isJsonObject(one)) return []
      const value = typeof one.value === 'string' ? one.value : null
      const { meaning, means } = one
      const byMeaning: [string, Json][] =
        typeof meaning === 'string' ? [[meaning, typeof means === 'string' ? means : value]] : []
      return [[key, value], ...byMeaning]
    }),
  )
}

function deviationsOf(wanted: BaselineSettings, values: JsonObject): Deviation[] {
  const told = new Map(Object.entries(values).map(([key, value]) => [key.toLowerCase(), value]))
  return Object.entries(wanted).flatMap(([setting, value]): Deviation[] => {
    const found = told.get(setting.toLowerCase())
    const text = typeof found === 'string' ? found : null
    return text !== null && sameValue(text, value) ? [] : [{ setting, wanted: value, told: text }]
  })
}

function deviationText({ setting, wanted, told }: Deviation): string {
  return `${setting} is ${told ?? 'not told'}, wanted is ${wanted}`
}

function asJson(deviations: readonly Deviation[]): Json {
  return deviations.map((one) => ({ ...one }))
}

function toWrite(deviations: readonly Deviation[]): Json {
  return deviations.map(({ setting, wanted }) =>
    isMeaning(setting) ? { meaning: setting, value: wanted } : { key: setting, value: wanted },
  )
}

function listed(values: JsonObject): string {
  const known = Object.entries(values).filter(([name]) => isMeaning(name))
  return known
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : '?'}`)
    .join(', ')
}
