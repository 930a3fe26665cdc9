import { Type, type Static } from 'typebox'
import type { Audit, AuditEntry } from '../../audit/audit.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import type { App } from '../app.ts'
import { AuditEntrySchema, AuditVerificationSchema } from '../schemas/audit.ts'
import {
  Identity,
  moment,
  oneOf,
  pageOf,
  pageQuery,
  pageRequest,
  refTo,
  type Frozen,
} from '../schemas/common.ts'

const tags = ['audit']

const AuditFilter = pageQuery({
  charger: Type.Optional(Identity),
  command: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  event: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'e.g. `command.sent`' }),
  ),
  actor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'The actor’s id' }),
  ),
  from: Type.Optional(moment('Not before')),
  to: Type.Optional(moment('Not after')),
  order: Type.Optional(
    oneOf(['asc', 'desc'], { default: 'desc', description: 'desc: newest first' }),
  ),
})

export function auditRoutes(
  app: App,
  {
    audit,
    fleet,
  }: { readonly audit: Pick<Audit, 'list' | 'verify'>; readonly fleet: Pick<Fleet, 'within'> },
): void {
  app.get(
    '/api/v1/audit',
    {
      schema: {
        operationId: 'listAudit',
        permission: 'audit.read',
        summary: 'Reads the audit record',
        tags,
        querystring: AuditFilter,
        response: { 200: pageOf(refTo(AuditEntrySchema)) },
      },
    },
    async ({ query, scope }) => {
      const { limit, cursor } = pageRequest(query)
      const within = await fleet.within(scope)
      const { order, from, to, charger, command, event, actor } = query
      const entries = await audit.list({
        limit,
        newestFirst: order !== 'asc',
        ...(cursor === undefined ? {} : { cursor: sequenceOf(cursor) }),
        ...(from === undefined ? {} : { from: momentOf(from, 'from') }),
        ...(to === undefined ? {} : { to: momentOf(to, 'to') }),
        ...(charger === undefined ? {} : { charger }),
        ...(command === undefined ? {} : { command }),
        ...(event === undefined ? {} : { event }),
        ...(actor === undefined ? {} : { actor }),
        ...(within === undefined ? {} : { within }),
      })
      const last = entries.at(-1)
      return {
        items: entries.map(shownEntry),
        nextCursor: last === undefined || entries.length < limit ? null : String(last.sequence),
      }
    },
  )

  app.get(
    '/api/v1/audit/verify',
    {
      schema: {
        operationId: 'verifyAudit',
        permission: 'audit.read',
        summary: 'Computes the whole tree anew',
        description:
          'Takes time in proportion to the record. One runs at a time; who asks meanwhile shares its answer.',
        tags,
        response: { 200: refTo(AuditVerificationSchema) },
      },
    },
    async () => {
      running ??= audit.verify().finally(() => (running = undefined))
      const { entries, brokenAt, wrong } = await running
      return {
        entries,
        intact: brokenAt === undefined,
        brokenAt: brokenAt ?? null,
        wrong: wrong ?? null,
      }
    },
  )
  let running: ReturnType<Audit['verify']> | undefined
}

/** An entry as the faces show it: its time as ISO 8601. */
export function shownEntry(entry: AuditEntry): Frozen<Static<typeof AuditEntrySchema>> {
  return { ...entry, at: new Date(entry.at).toISOString() }
}

function sequenceOf(cursor: string): number {
  const sequence = Number(cursor)
  if (!/^\d{1,15}$/.test(cursor) || sequence < 1)
    throw new ProblemError(
      'invalid-input',
      'cursor must be the nextCursor of a page before',
      'cursor',
    )
  return sequence
}

function momentOf(text: string, field: string): number {
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new ProblemError('invalid-input', `${field} is not a moment`, field)
  return at
}
