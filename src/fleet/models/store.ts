import type { Capability, CapabilityName } from '../../models/capability.ts'
import type { Query } from '../../storage/database.ts'
import type { Within } from '../../storage/within.ts'
import { iso, moment } from '../rows.ts'
import type { ModelViolation } from './models.ts'

/** What chargers say of themselves, empty where they do not. */
export interface ModelKey {
  readonly vendor: string
  readonly model: string
  readonly firmware: string
}

export interface ModelGroup extends ModelKey {
  /** Empty where they never connected. */
  readonly version: string
  readonly chargers: number
  readonly online: number
}

const key = `coalesce(s.vendor, '') as vendor, coalesce(s.model, '') as model,
  coalesce(s.firmware, '') as firmware`
const isKey = `coalesce(s.vendor, '') = $1 and coalesce(s.model, '') = $2
  and coalesce(s.firmware, '') = $3`

/** What the statements below count, over `charger_state s`. */
function counted(within: Within | undefined, values: unknown[]): string {
  return within === undefined ? '' : ` and ${within('s.identity', values)}`
}

/** All models there are, by version. Chargers that never said what they are belong to none. */
export async function modelGroups({ query }: Query, within?: Within): Promise<ModelGroup[]> {
  const values: unknown[] = []
  const { rows } = await query<ModelGroup>(
    `select ${key}, coalesce(s.version, '') as version, count(*)::int as chargers,
       (count(*) filter (where s.connected))::int as online
     from charger_state s
     where (s.vendor is not null or s.model is not null)${counted(within, values)}
     group by 1, 2, 3, 4`,
    values,
  )
  return rows
}

export interface ViolationTally extends ModelKey {
  readonly kind: string
  readonly count: number
  readonly chargers: number
}

/** Violations since a moment, by model and kind. Of each charger only so many are kept. */
export async function violationTallies(
  { query }: Query,
  since: number,
  within?: Within,
): Promise<ViolationTally[]> {
  const values: unknown[] = [moment(since)]
  const inside = within === undefined ? '' : `and ${within('charger', values)}`
  const { rows } = await query<ViolationTally>(
    `select ${key}, v.kind, sum(v.count)::int as count, count(*)::int as chargers
     from (
       select charger, kind, count(*) as count from violation where at >= $1 ${inside} group by 1, 2
     ) v join charger_state s on s.identity = v.charger
     group by 1, 2, 3, 4`,
    values,
  )
  return rows
}

/** What these chargers are. */
export async function modelsOf(
  { query }: Query,
  identities: readonly string[],
  within?: Within,
): Promise<Map<string, ModelKey>> {
  const values: unknown[] = [identities]
  const { rows } = await query<ModelKey & { identity: string }>(
    `select s.identity, ${key} from charger_state s
     where s.identity = any($1)${counted(within, values)}`,
    values,
  )
  return new Map(rows.map(({ identity, ...model }) => [identity, model]))
}

export interface KnownTally {
  readonly name: CapabilityName
  readonly value: Capability['value']
  readonly source: Capability['source']
  readonly chargers: number
}

/** What was learned of the chargers of a model, and said of them, with how many agree. */
export async function capabilityTallies(
  { query }: Query,
  of: ModelKey,
  within?: Within,
): Promise<KnownTally[]> {
  const values: unknown[] = [of.vendor, of.model, of.firmware]
  const { rows } = await query<KnownTally>(
    `select c.key as name, c.value -> 'value' as value, c.value ->> 'source' as source,
       count(*)::int as chargers
     from charger_state s, jsonb_each(s.capabilities) c
     where ${isKey}${counted(within, values)} group by 1, 2, 3 order by 1, 4 desc`,
    values,
  )
  return rows
}

/** The ways in which messages of a model broke rules, the most frequent first. */
export async function violationsOfModel(
  { query }: Query,
  of: ModelKey,
  since: number,
  limit: number,
  within?: Within,
): Promise<ModelViolation[]> {
  const values: unknown[] = [of.vendor, of.model, of.firmware, moment(since), limit]
  const { rows } = await query<Omit<ModelViolation, 'latestAt'> & { latest: Date }>(
    `select v.kind, v.action, v.path, count(*)::int as count,
       count(distinct v.charger)::int as chargers, max(v.at) as latest,
       (array_agg(v.detail order by v.id desc))[1] as detail
     from violation v join charger_state s on s.identity = v.charger
     where ${isKey} and v.at >= $4${counted(within, values)}
     group by 1, 2, 3 order by count desc, 1, 2, 3 limit $5`,
    values,
  )
  return rows.map(({ latest, ...row }) => ({ ...row, latestAt: iso(latest) }))
}
