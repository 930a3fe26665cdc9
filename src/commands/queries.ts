import type { Audit } from '../audit/audit.ts'
import type { Page, PageRequest } from '../fleet/fleet.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Database } from '../storage/database.ts'
import { endStates } from './commands.ts'
import type { Command, CommandDetail, CommandFilter, DispatchState, Target } from './commands.ts'
import type { Outcome } from './dispatch.ts'

/** What is read of commands: views for the faces, and the engine's look-ups. */
export interface CommandQueries {
  show(id: string): Promise<CommandDetail>
  summary(id: string): Promise<Command>
  list(page: PageRequest, filter: CommandFilter): Promise<Page<Command>>
  targets(id: string, page: PageRequest, filter: { state?: DispatchState }): Promise<Page<Target>>
  /** Targets that wait to be sent. */
  waiting(command: string): Promise<string[]>
  cancelled(command: string): Promise<{ cancelled: number; total: number }>
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

/** A command as it is read, its targets counted. */
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
  cancelled_at: number | null
  counts: Partial<Record<DispatchState, number>> | null
  watching: number
}

/** Counts come from one grouped look at the page's targets. */
const commandColumns = `
  c.id, c.operation, c.params, c.reason, c.actor, c.submitted_at, c.not_after, c.max_running, c.per_minute, c.total,
  c.cancelled_at, s.counts, coalesce(s.watching, 0) AS watching`
const commandCounts = `
  LEFT JOIN LATERAL (
    SELECT json_object_agg(g.state, g.n) AS counts, sum(g.watching)::int AS watching
    FROM (SELECT state, count(*)::int AS n, count(*) FILTER (WHERE state = 'unknown' AND settle_by IS NOT NULL)::int AS watching
          FROM dispatch WHERE command = c.id GROUP BY state) g
  ) s ON true`

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
}: {
  database: Database
  audit: Audit
}): CommandQueries {
  async function summary(id: string): Promise<Command> {
    checkId(id)
    const { rows } = await database.query<CommandRow>(
      `SELECT ${commandColumns} FROM command c ${commandCounts} WHERE c.id = $1`,
      [id],
    )
    const [row] = rows
    if (row === undefined) throw new ProblemError('not-found', `there is no command ${id}`, 'id')
    return toCommand(row)
  }

  async function targets(
    id: string,
    page: PageRequest,
    filter: { state?: DispatchState },
  ): Promise<Page<Target>> {
    checkId(id)
    const { rows } = await database.query<TargetRow>(
      `SELECT ${targetColumns} FROM dispatch
       WHERE command = $1 AND ordinal > $2 AND ($3::text IS NULL OR state = $3) ORDER BY ordinal LIMIT $4`,
      [id, ordinalCursor(page.cursor), filter.state ?? null, page.limit + 1],
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
    async show(id) {
      const command = await summary(id)
      const [first, history] = await Promise.all([
        targets(id, { limit: 100 }, {}),
        audit.list({ command: id, limit: 1000 }),
      ])
      return { ...command, targets: first.items, history }
    },
    list: (page, filter) => listCommands(database, page, filter),
    async waiting(command) {
      const { rows } = await database.query<{ id: string }>(
        "SELECT id FROM dispatch WHERE command = $1 AND state = 'queued' ORDER BY ordinal",
        [command],
      )
      return rows.map((row) => row.id)
    },
    async cancelled(command) {
      const { rows } = await database.query<{ cancelled: number; total: number }>(
        "SELECT count(*) FILTER (WHERE state = 'cancelled') AS cancelled, count(*) AS total FROM dispatch WHERE command = $1",
        [command],
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
  }
}

async function listCommands(
  database: Database,
  page: PageRequest,
  { operation, charger, settled }: CommandFilter,
): Promise<Page<Command>> {
  if (page.cursor !== undefined && !uuid.test(page.cursor))
    throw new ProblemError('invalid-input', 'it is not a cursor of this list', 'cursor')
  const { rows } = await database.query<CommandRow>(
    `SELECT ${commandColumns} FROM (
       SELECT * FROM command c
       WHERE ($1::uuid IS NULL OR c.id < $1)
         AND ($2::text IS NULL OR c.operation = $2)
         AND ($3::text IS NULL OR EXISTS (SELECT FROM dispatch d WHERE d.command = c.id AND d.charger = $3))
         AND ($4::boolean IS NULL OR $4 = NOT EXISTS (
           SELECT FROM dispatch d WHERE d.command = c.id
             AND (d.state IN ('queued', 'sending', 'sent', 'accepted') OR (d.state = 'unknown' AND d.settle_by IS NOT NULL))))
       ORDER BY c.id DESC LIMIT $5
     ) c ${commandCounts} ORDER BY c.id DESC`,
    [page.cursor ?? null, operation ?? null, charger ?? null, settled ?? null, page.limit + 1],
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
