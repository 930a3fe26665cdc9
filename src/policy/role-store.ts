import type { Scope } from '../fleet/groups/scope.ts'
import type { Actor } from '../kernel/actor.ts'
import type { Query, Tx } from '../storage/database.ts'

export type PrincipalKind = 'person' | 'team' | 'robot'

export interface Principal {
  readonly kind: PrincipalKind
  /** The id of a person or robot, the name of a team. */
  readonly id: string
}

export interface RoleRow {
  readonly name: string
  readonly description: string
  readonly permissions: readonly string[]
  readonly operations: readonly string[]
}

export interface TeamRow {
  readonly name: string
  readonly description: string
  /** Groups of single sign-on providers whose members belong to it. */
  readonly claims: readonly string[]
  /** Put there by somebody; not those whom a provider put there. */
  readonly members: readonly string[]
}

export interface ShownTeam extends TeamRow {
  readonly bySingleSignOn: readonly string[]
}

export interface BindingRow {
  readonly id: string
  readonly principal: Principal
  readonly role: string
  /** Path of the group; null: everywhere. */
  readonly group: string | null
  /** ms since the epoch; null: until it is ended. */
  readonly until: number | null
  readonly givenAt: number
  readonly givenBy: Actor
  readonly reason: string
  readonly approval: string | null
}

/** Who changed something, when and why. */
export interface ChangedBy {
  readonly actor: Actor
  /** ms since the epoch. */
  readonly at: number
  readonly reason: string
  readonly approval?: string
}

interface StoredBinding {
  id: string
  principal_kind: PrincipalKind
  principal: string
  role: string
  path: string | null
  until: Date | null
  given_at: Date
  given_by: Actor
  reason: string
  approval: string | null
}

function fromStored(row: StoredBinding): BindingRow {
  return {
    id: row.id,
    principal: { kind: row.principal_kind, id: row.principal },
    role: row.role,
    group: row.path,
    until: row.until?.getTime() ?? null,
    givenAt: row.given_at.getTime(),
    givenBy: row.given_by,
    reason: row.reason,
    approval: row.approval,
  }
}

const bindingSql = `select b.id, b.principal_kind, b.principal, b.role, g.path, b.until, b.given_at,
    b.given_by, b.reason, b.approval
  from role_binding b left join fleet_group g on g.id = b.group_id`

/** What a person or robot holds at a moment, by bindings of their own and of their teams. */
export async function bindingsOf(
  { query }: Query,
  { kind, id }: Principal,
  now: number,
): Promise<BindingRow[]> {
  const { rows } = await query<StoredBinding>(
    `${bindingSql}
     where (b.until is null or b.until > $3)
       and ((b.principal_kind = $1 and b.principal = $2)
         or ($1 = 'person' and b.principal_kind = 'team'
             and b.principal in (select team from team_member where person = $2)))`,
    [kind, id, iso(now)],
  )
  return rows.map(fromStored)
}

export interface BindingFilter {
  readonly principal?: string
  readonly role?: string
  /** Those that allow something somewhere in this scope. */
  readonly reaching: Scope
}

/** Bindings that hold at a moment, oldest first, after one of them. */
export async function listBindings(
  { query }: Query,
  filter: BindingFilter,
  { now, after, limit }: { readonly now: number; readonly after?: string; readonly limit: number },
): Promise<BindingRow[]> {
  const { rows } = await query<StoredBinding>(
    `${bindingSql}
     where (b.until is null or b.until > $1) and ($2::text is null or b.principal = $2)
       and ($3::text is null or b.role = $3) and ($4::uuid is null or b.id > $4)
       and ($6::text[] is null or g.path is null or exists (
         select from unnest($6) as mine
         where g.path = mine or starts_with(g.path, mine || '/') or starts_with(mine, g.path || '/')))
     order by b.id limit $5`,
    [
      iso(now),
      filter.principal ?? null,
      filter.role ?? null,
      after ?? null,
      limit,
      filter.reaching === 'everywhere' ? null : filter.reaching.groups,
    ],
  )
  return rows.map(fromStored)
}

export async function bindingById({ query }: Query, id: string): Promise<BindingRow | undefined> {
  const { rows } = await query<StoredBinding>(`${bindingSql} where b.id = $1`, [id])
  return rows[0] && fromStored(rows[0])
}

/** How many people hold a role everywhere, for good, by bindings of their own. */
export async function lastingHolders({ query }: Query, role: string): Promise<number> {
  const { rows } = await query<{ holders: number }>(
    `select count(distinct principal)::int as holders from role_binding
     where role = $1 and principal_kind = 'person' and group_id is null and until is null`,
    [role],
  )
  return rows[0]?.holders ?? 0
}

export async function groupIdOf({ query }: Query, path: string): Promise<string | undefined> {
  const { rows } = await query<{ id: string }>('select id from fleet_group where path = $1', [path])
  return rows[0]?.id
}

/** Those of these paths at which there is a group. */
export async function groupsAmong({ query }: Query, paths: readonly string[]): Promise<string[]> {
  const { rows } = await query<{ path: string }>(
    'select path from fleet_group where path = any($1)',
    [paths],
  )
  return rows.map(({ path }) => path)
}

/** One binding of a role to a principal at a place: given again, it lasts as it was given last. */
export async function putBinding(
  tx: Tx,
  binding: {
    readonly id: string
    readonly principal: Principal
    readonly role: string
    readonly groupId: string | null
    readonly until: number | null
  },
  by: ChangedBy,
): Promise<void> {
  await tx.query(
    `insert into role_binding (id, principal_kind, principal, role, group_id, until, given_at, given_by,
       reason, approval)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (principal_kind, principal, role,
                  coalesce(group_id, '00000000-0000-0000-0000-000000000000'))
     do update set until = excluded.until, given_at = excluded.given_at, given_by = excluded.given_by,
       reason = excluded.reason, approval = excluded.approval`,
    [
      binding.id,
      binding.principal.kind,
      binding.principal.id,
      binding.role,
      binding.groupId,
      binding.until === null ? null : iso(binding.until),
      iso(by.at),
      by.actor,
      by.reason,
      by.approval ?? null,
    ],
  )
}

export async function deleteBinding(tx: Tx, id: string): Promise<void> {
  await tx.query('delete from role_binding where id = $1', [id])
}

export async function customRoles({ query }: Query): Promise<RoleRow[]> {
  const { rows } = await query<{
    name: string
    description: string
    permissions: string[]
    operations: string[]
  }>('select name, description, permissions, operations from custom_role order by name')
  return rows
}

export async function putRole(tx: Tx, role: RoleRow, by: ChangedBy): Promise<void> {
  await tx.query(
    `insert into custom_role (name, description, permissions, operations, changed_at, changed_by, reason)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (name) do update set description = excluded.description,
       permissions = excluded.permissions, operations = excluded.operations,
       changed_at = excluded.changed_at, changed_by = excluded.changed_by, reason = excluded.reason`,
    [
      role.name,
      role.description,
      role.permissions,
      role.operations,
      iso(by.at),
      by.actor,
      by.reason,
    ],
  )
}

export async function deleteRole(tx: Tx, name: string): Promise<void> {
  await tx.query('delete from custom_role where name = $1', [name])
}

export async function isBound(
  { query }: Query,
  what: { readonly role: string } | { readonly team: string },
): Promise<boolean> {
  const { rows } =
    'role' in what
      ? await query('select from role_binding where role = $1 limit 1', [what.role])
      : await query(
          `select from role_binding where principal_kind = 'team' and principal = $1 limit 1`,
          [what.team],
        )
  return rows.length > 0
}

export async function allTeams({ query }: Query): Promise<ShownTeam[]> {
  const { rows } = await query<ShownTeam & { by_sign_on: string[] }>(
    `select t.name, t.description, t.claims,
       array(select person from team_member where team = t.name and source = 'given' order by person) as members,
       array(select person from team_member where team = t.name and source <> 'given' order by person)
         as by_sign_on
     from team t order by name`,
  )
  return rows.map(({ name, description, claims, members, by_sign_on }) => ({
    ...{ name, description, claims, members },
    bySingleSignOn: by_sign_on,
  }))
}

export async function putTeam(tx: Tx, team: TeamRow, by: ChangedBy): Promise<void> {
  await tx.query(
    `insert into team (name, description, claims, changed_at, changed_by, reason)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (name) do update set description = excluded.description, claims = excluded.claims,
       changed_at = excluded.changed_at, changed_by = excluded.changed_by, reason = excluded.reason`,
    [team.name, team.description, team.claims, iso(by.at), by.actor, by.reason],
  )
  await tx.query(`delete from team_member where team = $1 and source = 'given'`, [team.name])
  await tx.query(
    `insert into team_member (team, person, source) select $1, unnest($2::text[]), 'given'`,
    [team.name, team.members],
  )
}

export async function deleteTeam(tx: Tx, name: string): Promise<void> {
  await tx.query('delete from team where name = $1', [name])
}

/** Puts a person into exactly the teams that what the provider said leads to. True where that changed anything. */
export async function followClaims(
  tx: Tx,
  person: string,
  claims: readonly string[],
): Promise<{ readonly joined: readonly string[]; readonly left: readonly string[] }> {
  const left = await tx.query<{ team: string }>(
    `delete from team_member m using team t
     where m.team = t.name and m.person = $1 and m.source = 'single-sign-on' and not t.claims && $2::text[]
     returning m.team`,
    [person, claims],
  )
  const joined = await tx.query<{ team: string }>(
    `insert into team_member (team, person, source)
     select name, $1, 'single-sign-on' from team where claims && $2::text[]
     on conflict do nothing returning team`,
    [person, claims],
  )
  const names = ({ rows }: { rows: { team: string }[] }) => rows.map(({ team }) => team).sort()
  return { joined: names(joined), left: names(left) }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

/** A role somebody holds now, with the people who gave it: by the binding, or by making them one of a team. */
export interface HeldRole {
  readonly person: string
  readonly role: string
  /** Path; null: everywhere. */
  readonly group: string | null
  readonly givenBy: readonly string[]
}

export async function heldRoles(
  { query }: Query,
  persons: readonly string[],
  now: number,
): Promise<HeldRole[]> {
  const { rows } = await query<{
    person: string
    role: string
    path: string | null
    given_by: string[]
  }>(
    `select h.person, b.role, g.path,
       array_remove(array[b.given_by ->> 'id', h.made_by], null) as given_by
     from (
       select p as person, 'person' as kind, p as principal, null as made_by from unnest($1::text[]) p
       union all
       select m.person, 'team', m.team, t.changed_by ->> 'id'
       from team_member m join team t on t.name = m.team where m.person = any($1)
     ) h
     join role_binding b on b.principal_kind = h.kind and b.principal = h.principal
     left join fleet_group g on g.id = b.group_id
     where b.until is null or b.until > $2`,
    [persons, iso(now)],
  )
  return rows.map(({ person, role, path, given_by }) => ({
    person,
    role,
    group: path,
    givenBy: given_by,
  }))
}

/** Kept for good: they could decide on requests once. */
export async function keepDeciders(tx: Tx, persons: readonly string[]): Promise<void> {
  await tx.query('insert into decider (person) select unnest($1::text[]) on conflict do nothing', [
    persons,
  ])
}

export async function allDeciders({ query }: Query): Promise<string[]> {
  const { rows } = await query<{ person: string }>('select person from decider')
  return rows.map(({ person }) => person)
}

export async function holdersOf({ query }: Query, roles: readonly string[]): Promise<string[]> {
  const { rows } = await query<{ person: string }>(
    `select distinct coalesce(m.person, b.principal) as person from role_binding b
     left join team_member m on b.principal_kind = 'team' and m.team = b.principal
     where b.role = any($1) and (b.principal_kind = 'person' or m.person is not null)`,
    [roles],
  )
  return rows.map(({ person }) => person)
}
