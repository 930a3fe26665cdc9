import type { Actor } from '../kernel/actor.ts'
import type { Query, Tx } from '../storage/database.ts'
import type { ChangedBy } from './role-store.ts'
import type { PolicyRules } from './rules/rules.ts'

/** The rules as they held from a moment on, until the next version. */
export interface PolicyVersion {
  readonly version: number
  readonly rules: PolicyRules
  /** ms since the epoch. */
  readonly since: number
  readonly changedBy: Actor
  readonly reason: string
  readonly approval: string | null
}

interface Stored {
  version: number
  rules: PolicyRules
  since: Date
  changed_by: Actor
  reason: string
  approval: string | null
}

function fromStored({ since, changed_by, ...row }: Stored): PolicyVersion {
  return { ...row, since: since.getTime(), changedBy: changed_by }
}

export async function latestVersion({ query }: Query): Promise<PolicyVersion | undefined> {
  const { rows } = await query<Stored>('select * from policy_version order by version desc limit 1')
  return rows[0] && fromStored(rows[0])
}

/** Newest first, older than `before` where given. */
export async function listVersions(
  { query }: Query,
  before: number | undefined,
  limit: number,
): Promise<PolicyVersion[]> {
  const { rows } = await query<Stored>(
    `select * from policy_version where $1::int is null or version < $1
     order by version desc limit $2`,
    [before ?? null, limit],
  )
  return rows.map(fromStored)
}

/** Two who change the policy at once must not both begin from what the other replaced. */
export async function lockVersions(tx: Tx): Promise<void> {
  await tx.query('lock table policy_version in share row exclusive mode')
}

export async function addVersion(
  tx: Tx,
  version: number,
  rules: PolicyRules,
  by: ChangedBy,
): Promise<void> {
  await tx.query(
    `insert into policy_version (version, rules, since, changed_by, reason, approval)
     values ($1, $2, $3, $4, $5, $6)`,
    [version, rules, new Date(by.at).toISOString(), by.actor, by.reason, by.approval ?? null],
  )
}
