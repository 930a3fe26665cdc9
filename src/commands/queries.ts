import type { Audit } from '../audit/audit.ts'
import type { Fleet, Page, PageRequest } from '../fleet/fleet.ts'
import type { Scope } from '../fleet/groups/scope.ts'
import type { Actor } from '../kernel/actor.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Acknowledgement } from '../policy/question.ts'
import type { Database } from '../storage/database.ts'
import type { Within } from '../storage/within.ts'
import { endStates } from './commands.ts'
import type { Command, CommandDetail, CommandFilter, DispatchState, Target } from './commands.ts'
import type { Outcome } from './dispatch.ts'

/** What is read of commands: views for the faces, and the engine's look-ups. */
export interface CommandQueries {
  show(id: string, scope?: Scope): Promise<CommandDetail>
  summary(id: string, scope?: Scope): Promise<Command>
  list(page: PageRequest, filter: CommandFilter, scope?: Scope): Promise<Page<Command>>
  targets(
    id: string,
    page: PageRequest,
    filter: { state?: DispatchState },
    scope?: Scope,
  ): Promise<Page<Target>>
  /** Targets in the scope that wait to be sent. */
  waiting(command: string, scope: Scope): Promise<string[]>
  cancelled(command: string, scope: Scope): Promise<{ cancelled: number; total: number }>
  /** Targets of these chargers whose effect is looked for. */
  watched(chargers: readonly string[]): Promise<{ id: string; charger: string }[]>
  overdueEffects(now: number, limit: number): Promise<{ id: string; charger: string }[]>
  overdueAnswers(now: number, limit: number): Promise<string[]>
  /** Every target with a CALL that may be on the wire. */
  calling(): Promise<string[]>
  expired(now: number, limit: number): Promise<string[]>
  /** Chargers with something to send, and chargers with something to see. */
  attention(): Promise<{ ready: Ready[]; watched: string[] }>
  /** How many targets are ready and not sent. */
  queueDepth(): Promise<number>
  /** What a command was supplied with when it was submitted. */
  supply(command: string): Promise<Json>
  /** Who submitted it, and what they said they know. */
  submitter(command: string): Promise<Submitter>
  /** The commands made under approved requests, by the request. */
  underApprovals(approvals: readonly string[]): Promise<ReadonlyMap<string, string>>
}

export interface Submitter {
  readonly actor: Actor
  readonly acknowledges: readonly Acknowledgement[]
}

export interface Ready {
  readonly charger: string
  /** The commands a place of which it waits for, where that is all it waits for. */
  readonly held: readonly string[] | null
}

/** Whose part of a command this is; undefined where there is no such part. */
export async function chargerOfTarget(
  { query }: Pick<Database, 'query'>,
  target: string,
): Promise<string | undefined> {
  const { rows } = await query<{ charger: string }>('SELECT charger FROM dispatch WHERE id = $1', [
    target,
  ])
  return rows[0]?.charger
}

/** A command as it is read, those of its targets counted that may be seen. */
export interface CommandRow {
  id: string
  operation: string
  params: JsonObject
  reason: string
  actor: Command['actor']
  submitted_at: number
  not_after: number
  max_running: number
  per_minute: number | null
  total: number
  hidden: number
  cancelled_at: number | null
  counts: Partial<Record<DispatchState, number>> | null
  watching: number
}

const commandColumns = `
  c.id, c.operation, c.params, c.reason, c.actor, c.submitted_at, c.not_after, c.max_running, c.per_minute,
  s.total, c.total - s.total AS hidden, c.cancelled_at, s.counts, coalesce(s.watching, 0) AS watching`

/** Counts come from one grouped look at those of the page's targets that lie within. */
function commandCounts(within: Within | undefined, values: unknown[]): string {
  return `
  CROSS JOIN LATERAL (
    SELECT json_object_agg(g.state, g.n) AS counts, coalesce(sum(g.n), 0)::int AS total, sum(g.watching)::int AS watching
    FROM (SELECT state, count(*)::int AS n, count(*) FILTER (WHERE state = 'unknown' AND settle_by IS NOT NULL)::int AS watching
          FROM dispatch d WHERE command = c.id ${inside(within, values)} GROUP BY state) g
  ) s`
}

/** SQL that leaves only targets `d` within. */
function inside(within: Within | undefined, values: unknown[]): string {
  return within === undefined ? '' : `AND ${within('d.charger', values)}`
}

export function toCommand(row: CommandRow): Command {
  const counts = row.counts ?? {}
  const states = Object.keys(counts) as DispatchState[]
  const ended = states.every((state) => endStates.has(state) || state === 'unknown')
  const [only] = states
  return {
    id: row.id,
    operation: row.operation,
    params: row.params,
    reason: row.reason,
    actor: row.actor,
    submittedAt: iso(row.submitted_at),
    notAfter: iso(row.not_after),
    pace: { maxRunning: row.max_running, perMinute: row.per_minute },
    state: row.total === 1 && only !== undefined ? only : ended ? 'completed' : 'running',
    total: row.total,
    hidden: row.hidden,
    counts,
    settled: ended && row.watching === 0,
    cancelled: row.cancelled_at !== null,
  }
}

interface TargetRow {
  id: string
  charger: string
  ordinal: number
  state: DispatchState
  detail: string | null
  call: { version: string; action: string; payload: Json } | null
  answer: Json
  result: Json
  outcome: Outcome | null
  sent_at: number | null
  updated_at: number
}

const targetColumns =
  'id, charger, ordinal, state, detail, call, answer, result, outcome, sent_at, updated_at'

function toTarget(row: TargetRow): Target {
  return {
    id: row.id,
    charger: row.charger,
    state: row.state,
    detail: row.detail,
    call: row.call,
    answer: row.answer,
    result: row.result,
    outcome: row.outcome,
    sentAt: row.sent_at === null ? null : iso(row.sent_at),
    updatedAt: iso(row.updated_at),
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

function checkId(id: string): void {
  if (!uuid.test(id)) throw new ProblemError('not-found', `there is no command ${id}`, 'id')
}

export function commandQueries({
  database,
  audit,
  fleet,
}: {
  database: Database
  audit: Audit
  fleet: Pick<Fleet, 'within'>
}): CommandQueries {
  async function summary(id: string, scope: Scope = 'everywhere'): Promise<Command> {
    checkId(id)
    const values: unknown[] = [id]
    const counts = commandCounts(await fleet.within(scope), values)
    const { rows } = await database.query<CommandRow>(
      `SELECT ${commandColumns} FROM command c ${counts} WHERE c.id = $1`,
      values,
    )
    const [row] = rows
    if (row === undefined || row.total === 0)
      throw new ProblemError('not-found', `there is no command ${id}`, 'id')
    return toCommand(row)
  }

  async function targets(
    id: string,
    page: PageRequest,
    filter: { state?: DispatchState },
    scope: Scope = 'everywhere',
  ): Promise<Page<Target>> {
    checkId(id)
    const values: unknown[] = [id, ordinalCursor(page.cursor), filter.state ?? null, page.limit + 1]
    const { rows } = await database.query<TargetRow>(
      `SELECT ${targetColumns} FROM dispatch d
       WHERE command = $1 AND ordinal > $2 AND ($3::text IS NULL OR state = $3)
         ${inside(await fleet.within(scope), values)}
       ORDER BY ordinal LIMIT $4`,
      values,
    )
    const items = rows.slice(0, page.limit)
    const last = items.at(-1)
    return {
      items: items.map(toTarget),
      nextCursor: rows.length > page.limit && last !== undefined ? String(last.ordinal) : null,
    }
  }

  return {
    summary,
    targets,
    async show(id, scope = 'everywhere') {
      const command = await summary(id, scope)
      const within = await fleet.within(scope)
      const first = await targets(id, { limit: 100 }, {}, scope)
      // Read after the states, so that none of them is ahead of what is told of it.
      const history = await audit.list({
        command: id,
        limit: 1000,
        ...(within === undefined ? {} : { within: orOfTheWhole(within) }),
      })
      return { ...command, targets: first.items, history }
    },
    list: async (page, filter, scope = 'everywhere') =>
      listCommands(database, page, filter, await fleet.within(scope)),
    async waiting(command, scope) {
      const values: unknown[] = [command]
      const { rows } = await database.query<{ id: string }>(
        `SELECT id FROM dispatch d WHERE command = $1 AND state = 'queued'
           ${inside(await fleet.within(scope), values)} ORDER BY ordinal`,
        values,
      )
      return rows.map((row) => row.id)
    },
    async cancelled(command, scope) {
      const values: unknown[] = [command]
      const { rows } = await database.query<{ cancelled: number; total: number }>(
        `SELECT count(*) FILTER (WHERE state = 'cancelled') AS cancelled, count(*) AS total
         FROM dispatch d WHERE command = $1 ${inside(await fleet.within(scope), values)}`,
        values,
      )
      return rows[0]!
    },
    ...engineQueries(database),
  }
}

function engineQueries(database: Database) {
  async function ids(sql: string, values: readonly unknown[]): Promise<string[]> {
    const { rows } = await database.query<{ id: string }>(sql, values)
    return rows.map((row) => row.id)
  }
  return {
    async watched(chargers: readonly string[]) {
      const { rows } = await database.query<{ id: string; charger: string }>(
        "SELECT id, charger FROM dispatch WHERE charger = ANY($1::text[]) AND settle_by IS NOT NULL AND state IN ('accepted', 'unknown')",
        [chargers],
      )
      return rows
    },
    async overdueEffects(now: number, limit: number) {
      const { rows } = await database.query<{ id: string; charger: string }>(
        'SELECT id, charger FROM dispatch WHERE settle_by <= $1 AND NOT calling ORDER BY settle_by LIMIT $2',
        [now, limit],
      )
      return rows
    },
    overdueAnswers: (now: number, limit: number) =>
      ids('SELECT id FROM dispatch WHERE calling AND answer_by <= $1 ORDER BY answer_by LIMIT $2', [
        now,
        limit,
      ]),
    calling: () => ids('SELECT id FROM dispatch WHERE calling', []),
    expired: (now: number, limit: number) =>
      ids(
        "SELECT id FROM dispatch WHERE state = 'queued' AND not_after <= $1 ORDER BY not_after LIMIT $2",
        [now, limit],
      ),
    async attention() {
      const ready = await database.query<Ready>(
        `SELECT charger, CASE WHEN bool_and(paced AND step = 0) THEN array_agg(command) END AS held
         FROM dispatch WHERE ready GROUP BY charger`,
      )
      const watched = await database.query<{ charger: string }>(
        'SELECT DISTINCT charger FROM dispatch WHERE settle_by IS NOT NULL',
      )
      return {
        ready: ready.rows,
        watched: watched.rows.map((row) => row.charger),
      }
    },
    async queueDepth() {
      const { rows } = await database.query<{ n: number }>(
        'SELECT count(*) AS n FROM dispatch WHERE ready',
      )
      return rows[0]?.n ?? 0
    },
    async supply(command: string) {
      const { rows } = await database.query<{ supply: Json }>(
        'SELECT supply FROM command_supply WHERE command = $1',
        [command],
      )
      return rows[0]?.supply ?? null
    },
    async submitter(command: string) {
      const { rows } = await database.query<Submitter>(
        'SELECT actor, acknowledges FROM command WHERE id = $1',
        [command],
      )
      const [row] = rows
      if (row === undefined) throw new Error(`command ${command} is missing`)
      return row
    },
    async underApprovals(approvals: readonly string[]) {
      const { rows } = await database.query<{ id: string; approval: string }>(
        'SELECT id, approval FROM command WHERE approval = ANY($1::uuid[])',
        [approvals],
      )
      return new Map(rows.map(({ id, approval }) => [approval, id]))
    },
  }
}

/** What is recorded of a command as a whole names no charger, and may be seen by whoever sees the command. */
function orOfTheWhole(within: Within): Within {
  return (column, values) => `(${column} IS NULL OR ${within(column, values)})`
}

async function listCommands(
  database: Database,
  page: PageRequest,
  { operation, charger, settled }: CommandFilter,
  within: Within | undefined,
): Promise<Page<Command>> {
  if (page.cursor !== undefined && !uuid.test(page.cursor))
    throw new ProblemError('invalid-input', 'it is not a cursor of this list', 'cursor')
  const values: unknown[] = [
    page.cursor ?? null,
    operation ?? null,
    charger ?? null,
    settled ?? null,
    page.limit + 1,
  ]
  const mine = inside(within, values)
  const { rows } = await database.query<CommandRow>(
    `SELECT ${commandColumns} FROM (
       SELECT * FROM command c
       WHERE ($1::uuid IS NULL OR c.id < $1)
         AND ($2::text IS NULL OR c.operation = $2)
         AND ($3::text IS NULL OR EXISTS (SELECT FROM dispatch d WHERE d.command = c.id AND d.charger = $3 ${mine}))
         AND ($4::boolean IS NULL OR $4 = NOT EXISTS (
           SELECT FROM dispatch d WHERE d.command = c.id ${mine}
             AND (d.state IN ('queued', 'sending', 'sent', 'accepted') OR (d.state = 'unknown' AND d.settle_by IS NOT NULL))))
         ${within === undefined ? '' : `AND EXISTS (SELECT FROM dispatch d WHERE d.command = c.id ${mine})`}
       ORDER BY c.id DESC LIMIT $5
     ) c ${commandCounts(within, values)} ORDER BY c.id DESC`,
    values,
  )
  const items = rows.slice(0, page.limit)
  return {
    items: items.map(toCommand),
    nextCursor: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null,
  }
}

function ordinalCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const ordinal = Number(cursor)
  if (!Number.isSafeInteger(ordinal) || ordinal < 0)
    throw new ProblemError('invalid-input', 'it is not a cursor of this list', 'cursor')
  return ordinal
}
