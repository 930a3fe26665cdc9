import { isUuid } from '../../kernel/page.ts'
import type { Query, Tx } from '../../storage/database.ts'
import { iso } from '../moments.ts'
import type { Grant } from '../tokens/token.ts'
import type { Purpose } from './trip.ts'

export interface TripRow {
  readonly key: Buffer
  readonly purpose: Purpose
  readonly expiresAt: number
}

/** Remembers that somebody went to the provider, and forgets those who did not come back in time. */
export async function keepTrip(tx: Tx, trip: TripRow, now: number): Promise<void> {
  await tx.query('delete from single_sign_on_trip where expires_at <= $1', [iso(now)])
  await tx.query('insert into single_sign_on_trip (key, purpose, expires_at) values ($1, $2, $3)', [
    trip.key,
    JSON.stringify(trip.purpose),
    iso(trip.expiresAt),
  ])
}

/** Lets a trip come back, once; undefined: it is not known, came back before, or too late. */
export async function takeTrip(tx: Tx, key: Buffer, now: number): Promise<Purpose | undefined> {
  const { rows } = await tx.query<{ purpose: Purpose; expires_at: Date }>(
    'delete from single_sign_on_trip where key = $1 returning purpose, expires_at',
    [key],
  )
  const row = rows[0]
  return row !== undefined && row.expires_at.getTime() > now ? row.purpose : undefined
}

/** Those who went from these sessions do not come back. */
export async function dropTrips(tx: Tx, sessions: readonly string[]): Promise<void> {
  await tx.query(`delete from single_sign_on_trip where purpose ->> 'session' = any($1::text[])`, [
    sessions,
  ])
}

/** Who the provider's word is about: an account is known by issuer and subject together, and nothing else. */
export interface Subject {
  readonly issuer: string
  readonly subject: string
}

export async function linkedPerson(
  reader: Query,
  { issuer, subject }: Subject,
): Promise<string | undefined> {
  const { rows } = await reader.query<{ person: string }>(
    'select person from single_sign_on_link where issuer = $1 and subject = $2',
    [issuer, subject],
  )
  return rows[0]?.person
}

export async function subjectOf(
  reader: Query,
  person: string,
  issuer: string,
): Promise<string | undefined> {
  const { rows } = await reader.query<{ subject: string }>(
    'select subject from single_sign_on_link where person = $1 and issuer = $2',
    [person, issuer],
  )
  return rows[0]?.subject
}

/** False: the subject is somebody else's, or the person is linked with another. */
export async function link(
  tx: Tx,
  person: string,
  { issuer, subject }: Subject,
  at: number,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into single_sign_on_link (issuer, subject, person, linked_at)
     values ($1, $2, $3, $4) on conflict do nothing`,
    [issuer, subject, person, iso(at)],
  )
  return rowCount === 1
}

/** Takes all links of a person, with the roles that came by them. */
export async function removeLinks(tx: Tx, person: string): Promise<Subject[]> {
  const { rows } = await tx.query<Subject>(
    'delete from single_sign_on_link where person = $1 returning issuer, subject',
    [person],
  )
  return rows
}

/** Makes these the roles the provider's groups give; answers those there were before. */
export async function replaceGrants(
  tx: Tx,
  person: string,
  grants: readonly Grant[],
): Promise<Grant[]> {
  const { rows } = await tx.query<{ grants: Grant[] }>(
    `update single_sign_on_link l set grants = $2 from single_sign_on_link before
      where l.person = $1 and before.person = l.person and before.issuer = l.issuer
      returning before.grants`,
    [person, JSON.stringify(grants)],
  )
  return rows[0]?.grants ?? []
}

export async function grantsOfPerson(reader: Query, person: string): Promise<Grant[]> {
  const { rows } = await reader.query<{ grants: Grant[] }>(
    'select grants from single_sign_on_link where person = $1',
    [person],
  )
  return rows.flatMap(({ grants }) => grants)
}

/** The subjects and grants of people whose accounts are linked. */
export async function linksOf(
  reader: Query,
  persons: readonly string[],
): Promise<Map<string, { readonly subjects: string[]; readonly grants: Grant[] }>> {
  const { rows } = await reader.query<Subject & { person: string; grants: Grant[] }>(
    `select person, issuer, subject, grants from single_sign_on_link
      where person = any($1::uuid[]) order by issuer`,
    [persons.filter(isUuid)],
  )
  const links = Map.groupBy(rows, ({ person }) => person)
  return new Map(
    [...links].map(([person, those]) => [
      person,
      {
        subjects: those.map(({ issuer, subject }) => `${issuer}\n${subject}`),
        grants: those.flatMap(({ grants }) => grants),
      },
    ]),
  )
}

/** Roles the provider's groups give to people who hold one of these. */
export async function grantsByProvider(
  reader: Query,
  roles: readonly string[],
): Promise<(Grant & { readonly person: string })[]> {
  const links = await linksOf(reader, await holdersByGrant(reader, roles))
  return [...links].flatMap(([person, { grants }]) => grants.map((grant) => ({ ...grant, person })))
}

export async function holdersByGrant(reader: Query, roles: readonly string[]): Promise<string[]> {
  const { rows } = await reader.query<{ person: string }>(
    `select distinct person from single_sign_on_link, jsonb_array_elements(grants) as given
      where given ->> 'role' = any($1::text[])`,
    [roles],
  )
  return rows.map(({ person }) => person)
}
