import type { Context } from '../../kernel/actor.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { ProblemError, type ProblemCode } from '../../kernel/problem.ts'
import type { Tx } from '../../storage/database.ts'
import type { Fleet, ImportReach, ImportReport, Registration } from '../fleet.ts'
import { ensureGroups } from '../groups/groups.ts'
import { covers } from '../groups/scope.ts'
import { recorded } from '../record.ts'
import type { Change } from '../record.ts'
import { leaveRoom } from '../waiting-room/store.ts'
import type { CheckedRegistration, Registry } from './change.ts'
import { announceRegistered, checkRegistration, difference, registrationDetail } from './change.ts'
import type { CredentialCheck, StoredCredential } from './credential.ts'
import { makeCredential, storeCredential } from './credential.ts'
import type { RegisteredRow } from './store.ts'
import {
  findForAdmission,
  insertChargers,
  lockRegistered,
  replaceCredentials,
  updateChargers,
} from './store.ts'

/** More rows would hold the audit record's lock for too long. */
const mostRows = 100_000
const itemsPerStatement = 5_000
const everywhere: ImportReach = { write: 'everywhere', credentials: 'everywhere' }

/** A row, and which fields it has: an absent field of a known charger stays as it is. */
interface Row extends CheckedRegistration {
  readonly has: ReadonlySet<keyof Registration>
}

/** A row with the credential the charger will have; undefined where it keeps its own. */
interface Prepared {
  readonly row: Row
  readonly secret: { readonly text: string; readonly stored: StoredCredential } | undefined
}

export function openImport(registry: Registry, credentials: CredentialCheck): Fleet['import'] {
  const { database, announce, expel } = registry
  return async (context, given, reach = everywhere) => {
    const rows = checkRows(given)
    const prepared = await prepare(registry, credentials, rows)
    const done = await database.transaction((tx) =>
      carryOut(tx, registry, context, { prepared, reach }),
    )
    announceRegistered(
      registry,
      done.fresh.map(({ row }) => row.identity),
    )
    announce.changed(done.updated.map(({ now }) => now.identity))
    for (const { identity } of done.rekeyed) expel(identity, 'the credential was replaced')
    return done.report
  }
}

function checkRows(given: readonly unknown[]): Row[] {
  if (given.length > mostRows)
    throw new ProblemError('too-large', `an import takes at most ${mostRows} rows`, 'rows')
  const seen = new Map<string, number>()
  return given.map((value, index) => {
    const row = checkRow(value, index)
    const before = seen.get(row.identity)
    if (before !== undefined)
      throw new ProblemError(
        'invalid-input',
        `is the same as in row ${before}`,
        `rows[${index}].identity`,
      )
    seen.set(row.identity, index)
    return row
  })
}

const fields = ['identity', 'group', 'tags', 'credential', 'assumeProtocol'] as const

function checkRow(value: unknown, index: number): Row {
  const place = `rows[${index}]`
  if (!isJsonObject(value)) throw new ProblemError('invalid-input', 'must be an object', place)
  const stray = Object.keys(value).find((key) => !fields.some((field) => field === key))
  if (stray !== undefined)
    throw new ProblemError('invalid-input', 'is not a field of a charger', `${place}.${stray}`)
  // An exported row says with null that there is nothing.
  const said = Object.fromEntries(Object.entries(value).filter(([, content]) => content !== null))
  const has = new Set(Object.keys(value) as (keyof Registration)[])
  return { ...checkRegistration(said as unknown as Registration, `${place}.`), has }
}

/** Does what is slow before the transaction: comparing and making credentials. */
async function prepare(
  { database }: Registry,
  credentials: CredentialCheck,
  rows: readonly Row[],
): Promise<Prepared[]> {
  const known = await findForAdmission(
    database,
    rows.map(({ identity }) => identity),
  )
  const prepared: Prepared[] = []
  for (const row of rows) {
    const stored = known.get(row.identity)?.credential
    const keeps =
      stored !== undefined &&
      (row.credential === undefined ||
        (await credentials.matches(stored, Buffer.from(row.credential))))
    const text = row.credential ?? makeCredential()
    prepared.push({
      row,
      secret: keeps ? undefined : { text, stored: await storeCredential(text) },
    })
  }
  return prepared
}

/** What the import will do, decided before anything is changed. */
interface Plan {
  readonly fresh: readonly (Prepared & { readonly secret: NonNullable<Prepared['secret']> })[]
  readonly updated: readonly { readonly now: RegisteredRow; readonly detail: Change['detail'] }[]
  readonly rekeyed: readonly { readonly identity: string; readonly credential: StoredCredential }[]
  readonly report: ImportReport
}

interface Import {
  readonly prepared: readonly Prepared[]
  readonly reach: ImportReach
}

function plan({ prepared, reach }: Import, before: ReadonlyMap<string, RegisteredRow>): Plan {
  for (const [index, { row }] of prepared.entries()) refuseOutside(reach, row, index, before)
  const fresh = prepared
    .filter(({ row }) => !before.has(row.identity))
    .map(({ row, secret }) => {
      if (secret === undefined)
        throw new ProblemError('too-late', `${row.identity} was removed during the import`)
      return { row, secret }
    })
  const updated: Plan['updated'][number][] = []
  const rekeyed: Plan['rekeyed'][number][] = []
  for (const { row, secret } of prepared) {
    const old = before.get(row.identity)
    if (old === undefined) continue
    const now = merged(old, row)
    const detail = difference(old, now)
    if (Object.keys(detail).length > 0) updated.push({ now, detail })
    if (row.credential !== undefined && secret !== undefined)
      rekeyed.push({ identity: row.identity, credential: secret.stored })
  }
  const touched = new Set([...updated.map(({ now }) => now.identity), ...rekeyed.map(identityOf)])
  const made = fresh.filter(({ row }) => row.credential === undefined)
  return {
    fresh,
    updated,
    rekeyed,
    report: {
      registered: fresh.length,
      updated: touched.size,
      unchanged: prepared.length - fresh.length - touched.size,
      credentials: made.map(({ row, secret }) => ({
        identity: row.identity,
        credential: secret.text,
      })),
    },
  }
}

/**
 * Both where a charger is and where the row puts it must lie within reach. A charger elsewhere is as if it were
 * not there, but that its identity is taken.
 */
function refuseOutside(
  reach: ImportReach,
  row: Row,
  index: number,
  before: ReadonlyMap<string, RegisteredRow>,
): void {
  const known = before.get(row.identity)
  const old = known !== undefined && covers(reach.write, known.group) ? known : undefined
  const refuse = (code: ProblemCode, detail: string, field: keyof Registration): never => {
    throw new ProblemError(code, detail, `rows[${index}].${field}`)
  }
  if (!covers(reach.write, old === undefined ? row.group : merged(old, row).group))
    refuse('not-permitted', 'none of your roles allows to put chargers there', 'group')
  if (known !== old) refuse('already-exists', `${row.identity} is registered already`, 'identity')
  // Also where it is the one it has: what is answered must not tell whether a guess was right.
  if (old !== undefined && row.credential !== undefined && !covers(reach.credentials, old.group))
    refuse(
      'not-permitted',
      'none of your roles allows fleet.credentials on this charger, which is registered already',
      'credential',
    )
}

/** What the row says, over what is known. */
function merged(old: RegisteredRow, row: Row): RegisteredRow {
  return {
    identity: old.identity,
    group: row.has.has('group') ? row.group : old.group,
    tags: row.has.has('tags') ? row.tags : old.tags,
    assumeProtocol: row.has.has('assumeProtocol') ? row.assumeProtocol : old.assumeProtocol,
    registration: old.registration,
  }
}

const identityOf = ({ identity }: { readonly identity: string }): string => identity

async function carryOut(
  tx: Tx,
  registry: Registry,
  context: Context,
  asked: Import,
): Promise<Plan> {
  const identities = asked.prepared.map(({ row }) => row.identity)
  const decided = plan(asked, await lockRegistered(tx, identities))
  const { fresh, updated, rekeyed } = decided
  const paths = [...fresh.map(({ row }) => row.group), ...updated.map(({ now }) => now.group)]
  const wanted = paths.flatMap((path) => (path === null ? [] : [{ names: path.split('/') }]))
  const groups = await ensureGroups(tx, registry, context, wanted)
  const groupId = (path: string | null): string | null =>
    path === null ? null : (groups.ids.get(path) ?? null)
  const rows = fresh.map(({ row, secret }) => ({
    ...row,
    groupId: groupId(row.group),
    credential: secret.stored,
  }))
  for (const some of inPieces(rows)) await insertFree(tx, some, registry.clock.now())
  await updateChargers(
    tx,
    updated.map(({ now }) => ({ ...now, groupId: groupId(now.group) })),
  )
  await replaceCredentials(tx, rekeyed)
  await leaveRoom(tx, identities)
  const changes = [...groups.changes, ...changesOf(context, decided)]
  for (const some of inPieces(changes)) await recorded(tx, registry, some)
  return decided
}

/** Somebody else may have registered one of them since the rows were locked. */
async function insertFree(
  tx: Tx,
  rows: Parameters<typeof insertChargers>[1],
  at: number,
): Promise<void> {
  const inserted = await insertChargers(tx, rows, at)
  const taken = rows.find(({ identity }) => !inserted.has(identity))
  if (taken !== undefined)
    throw new ProblemError('too-late', `${taken.identity} was registered during the import`)
}

function changesOf(context: Context, { fresh, updated, rekeyed, report }: Plan): Change[] {
  const changes: Change[] = [
    ...fresh.map(({ row }) => ({
      context,
      event: 'charger.registered',
      charger: row.identity,
      detail: registrationDetail(row, row.credential === undefined ? 'made' : 'given'),
    })),
    ...updated.map(({ now, detail }) => ({
      context,
      event: 'charger.updated',
      charger: now.identity,
      detail,
    })),
    ...rekeyed.map(({ identity }) => ({
      context,
      event: 'charger.credential-replaced',
      charger: identity,
      detail: { credential: 'given' },
    })),
  ]
  if (changes.length === 0) return []
  const { registered, unchanged } = report
  const detail = { registered, updated: report.updated, unchanged }
  return [...changes, { context, event: 'fleet.imported', detail }]
}

function* inPieces<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += itemsPerStatement)
    yield items.slice(from, from + itemsPerStatement)
}
