import { Readable } from 'node:stream'
import { Type, type Static } from 'typebox'
import type { Audit, AuditEntry, AuditFilter } from '../../audit/audit.ts'
import type { Erasures } from '../../audit/erasures.ts'
import type { Proofs } from '../../audit/proofs.ts'
import { results } from '../../audit/result.ts'
import { intersection, type Scope } from '../../fleet/groups/scope.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import { cefEvent } from '../../siem/cef.ts'
import { ocsfEvent } from '../../siem/ocsf.ts'
import type { App } from '../app.ts'
import { AuditEntrySchema, AuditVerificationSchema, ErasureSchema } from '../schemas/audit.ts'
import {
  Identity,
  moment,
  oneOf,
  pageOf,
  pageQuery,
  pageRequest,
  Reason,
  refTo,
  strict,
  type Frozen,
} from '../schemas/common.ts'

const tags = ['audit']

const filter = {
  charger: Type.Optional(Identity),
  group: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'A group’s path: only what is about chargers in it or below it',
    }),
  ),
  command: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  event: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'e.g. `command.sent`' }),
  ),
  actor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'The actor’s id' }),
  ),
  from: Type.Optional(moment('Not before')),
  to: Type.Optional(moment('Not after')),
  result: Type.Optional(
    oneOf(results, { description: 'How what is told of ended; `going-on`: it had not ended' }),
  ),
}

const AuditPageQuery = pageQuery({
  ...filter,
  order: Type.Optional(
    oneOf(['asc', 'desc'], { default: 'desc', description: 'desc: newest first' }),
  ),
})

const AuditLinesQuery = strict({
  ...filter,
  format: Type.Optional(
    oneOf(['json', 'ocsf', 'cef'], {
      default: 'json',
      description: 'Entries as they are, OCSF 1.3 events, or lines of the Common Event Format',
    }),
  ),
})

export function auditRoutes(
  app: App,
  {
    audit,
    proofs,
    fleet,
    system,
  }: {
    readonly audit: Pick<Audit, 'list' | 'verify'>
    readonly proofs: Pick<Proofs, 'entries'>
    readonly fleet: Pick<Fleet, 'within'>
    readonly system: { readonly version: string }
  },
): void {
  app.get(
    '/api/v1/audit',
    {
      schema: {
        operationId: 'listAudit',
        permission: 'audit.read',
        summary: 'Reads the audit record',
        tags,
        querystring: AuditPageQuery,
        response: { 200: pageOf(refTo(AuditEntrySchema)) },
      },
    },
    async ({ query, scope }) => {
      const { limit, cursor } = pageRequest(query)
      const entries = await audit.list({
        ...(await asked(query, scope)),
        limit,
        newestFirst: query.order !== 'asc',
        ...(cursor === undefined ? {} : { cursor: sequenceOf(cursor) }),
      })
      const last = entries.at(-1)
      return {
        items: entries.map(shownEntry),
        nextCursor: last === undefined || entries.length < limit ? null : String(last.sequence),
      }
    },
  )

  app.get(
    '/api/v1/audit/entries',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'exportAuditEntries',
        permission: 'audit.export',
        summary: 'Exports every entry that is looked for',
        description:
          'A line for each, oldest first, up to where the record ended when it was asked. That it was exported, by whom and what was looked for is recorded.',
        tags,
        querystring: AuditLinesQuery,
        response: {
          200: {
            description: 'The entries',
            content: {
              'application/jsonl': { schema: Type.Unsafe<never>({ type: 'string' }) },
              'text/plain': { schema: Type.Unsafe<never>({ type: 'string' }) },
            },
          },
        },
      },
    },
    async ({ query, scope, caller }, reply) => {
      const { format = 'json' } = query
      const pages = await proofs.entries(caller, await asked(query, scope))
      const { type, ending, line } = lineFormats[format]
      return await reply
        .type(type)
        .header('content-disposition', `attachment; filename="ota-control-entries.${ending}"`)
        .send(Readable.from(linesOf(pages, (entry) => line(entry, system))))
    },
  )

  async function asked(query: Static<typeof AuditLinesQuery>, scope: Scope): Promise<AuditFilter> {
    const { charger, group, command, event, actor, from, to, result } = query
    const within = await fleet.within(
      group === undefined ? scope : intersection(scope, { groups: [group] }),
    )
    return {
      ...(from === undefined ? {} : { from: momentOf(from, 'from') }),
      ...(to === undefined ? {} : { to: momentOf(to, 'to') }),
      ...(charger === undefined ? {} : { charger }),
      ...(command === undefined ? {} : { command }),
      ...(event === undefined ? {} : { event }),
      ...(actor === undefined ? {} : { actor }),
      ...(result === undefined ? {} : { result }),
      ...(within === undefined ? {} : { within }),
    }
  }

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
      const { entries, brokenAt, wrong, erased } = await running
      return {
        entries,
        intact: brokenAt === undefined,
        brokenAt: brokenAt ?? null,
        wrong: wrong ?? null,
        erased: erased ?? 0,
      }
    },
  )
  let running: ReturnType<Audit['verify']> | undefined
}

export function erasureRoutes(app: App, { erasures }: { readonly erasures: Erasures }): void {
  app.post(
    '/api/v1/audit/erasures',
    {
      schema: {
        operationId: 'erasePersonalData',
        permission: 'audit.erase',
        about: 'installation',
        summary: 'Erases the personal data of somebody in the record',
        description:
          'The values are gone for good; the entries stay, and so does everything proven of them. That it was done is an entry itself. Entries from before personal data was committed to keep their text.',
        tags,
        body: strict({
          subject: Type.String({
            minLength: 1,
            maxLength: 300,
            description: '`person:<id>`, `robot:<id>`, `token:<idTag>` or `customer:<identifier>`',
          }),
          reason: Reason,
        }),
        response: { 200: refTo(ErasureSchema) },
        problems: ['not-found', 'denied', 'step-up-needed'],
      },
    },
    async ({ body, caller }) => await erasures.erase(caller, body),
  )
}

interface LineFormat {
  readonly type: string
  readonly ending: string
  readonly line: (entry: AuditEntry, product: { readonly version: string }) => string
}

const lineFormats: Readonly<Record<'json' | 'ocsf' | 'cef', LineFormat>> = {
  json: {
    type: 'application/jsonl',
    ending: 'jsonl',
    line: (entry) => JSON.stringify(shownEntry(entry)),
  },
  ocsf: {
    type: 'application/jsonl',
    ending: 'ocsf.jsonl',
    line: (entry, product) => JSON.stringify(ocsfEvent(entry, product)),
  },
  cef: { type: 'text/plain; charset=utf-8', ending: 'cef', line: cefEvent },
}

async function* linesOf(
  pages: AsyncIterable<readonly AuditEntry[]>,
  line: (entry: AuditEntry) => string,
): AsyncIterable<string> {
  for await (const page of pages) yield page.map((entry) => `${line(entry)}\n`).join('')
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
