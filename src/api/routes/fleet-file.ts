import { Readable } from 'node:stream'
import { Type } from 'typebox'
import type { Fleet, ImportReach, ImportReport } from '../../fleet/fleet.ts'
import type { Context } from '../../kernel/actor.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Policy } from '../../policy/policy.ts'
import type { App } from '../app.ts'
import {
  exportColumns,
  fleetCsv,
  fleetJson,
  importColumns,
  maxImportRows,
  readFleetCsv,
} from '../csv.ts'
import { ImportReportSchema, FleetRowSchema } from '../schemas/charger.ts'
import { oneOf, refTo, strict } from '../schemas/common.ts'
import { requestValidator, unstorable } from '../validation.ts'

const tags = ['chargers']
export const maxImportBytes = 20_000_000

interface FleetFileParts {
  readonly fleet: Fleet
  readonly policy: Pick<Policy, 'rightsOf'>
}

/** Import and export of the fleet. A plugin of its own: only here is CSV read, and are bodies so large. */
export function fleetFileRoutes(app: App, parts: FleetFileParts): void {
  importRoute(app, parts)
  exportRoute(app, parts.fleet)
}

/** Bodies of CSV are handed on unread, as long as they are not too large. */
export function takeCsv(app: App): void {
  app.addContentTypeParser('text/csv', (request, payload, done) => {
    const charset = /;\s*charset="?([^";\s]+)/i.exec(request.headers['content-type'] ?? '')?.[1]
    if (charset !== undefined && !/^utf-?8$/i.test(charset))
      done(new ProblemError('unsupported-media-type', 'CSV must be UTF-8'))
    else if (Number(request.headers['content-length'] ?? 0) > maxImportBytes)
      done(new ProblemError('too-large', `an import is at most ${maxImportBytes / 1_000_000} MB`))
    else done(null, payload)
  })
}

function importRoute(app: App, { fleet, policy }: FleetFileParts): void {
  takeCsv(app)
  app.post(
    '/api/v1/chargers/import',
    {
      bodyLimit: maxImportBytes,
      // The fleet itself judges every row, so that JSON and CSV are told the same.
      validatorCompiler: requestValidator({ judgesBody: false }),
      schema: {
        operationId: 'importChargers',
        permission: 'fleet.write',
        summary: 'Registers and updates many chargers: all rows, or none',
        description: [
          `At most ${maxImportRows} chargers and 20 MB, as a JSON array or as CSV in UTF-8.`,
          `The columns of the CSV are ${importColumns.join(', ')}; its first line names those it has.`,
          'Tags share a cell, separated by `|`. An empty cell or an absent field leaves what is known as it is; null in JSON takes it away.',
          'A cell beginning with an apostrophe before `=`, `+`, `-`, `@`, a tab, a line end or an apostrophe is read without it.',
          'A row with a `credential` for a charger that is registered already needs fleet.credentials where the charger is.',
          'The first row that is not acceptable is named in `field`, as `rows[3].group` by its place in the array or `lines[4].group` by its line in the CSV, and nothing is changed.',
        ].join(' '),
        tags,
        body: {
          content: {
            'application/json': {
              schema: Type.Array(refTo(FleetRowSchema), { maxItems: maxImportRows }),
            },
            'text/csv': { schema: Type.String() },
          },
        },
        response: {
          200: refTo(ImportReportSchema),
        },
        problems: ['already-exists'],
      },
    },
    async ({ body, caller, scope }) => {
      const credentials = (await policy.rightsOf(caller)).scopeOf('fleet.credentials')
      const reach = { write: scope, credentials }
      if (!(body instanceof Readable)) return await take(fleet, caller, body, reach)
      const rows = await readFleetCsv(body, maxImportBytes)
      return await take(
        fleet,
        caller,
        rows.map(({ row }) => row),
        reach,
      ).catch((error: unknown) => {
        throw namingLine(error, rows)
      })
    },
  )
}

async function take(
  fleet: Fleet,
  caller: Context,
  rows: unknown,
  reach: ImportReach,
): Promise<ImportReport> {
  if (!Array.isArray(rows))
    throw new ProblemError('invalid-input', 'the body must be a list of chargers')
  if (rows.length > maxImportRows)
    throw new ProblemError('too-large', `an import takes at most ${maxImportRows} chargers`)
  const problem = unstorable({ rows })
  if (problem !== undefined) throw problem
  return await fleet.import(caller, rows, reach)
}

/** Names the row at fault by its line in the file: `lines[4].group`. */
export function namingLine(error: unknown, rows: readonly { line: number }[]): unknown {
  if (!(error instanceof ProblemError)) return error
  const { code, detail, field = '' } = error.problem
  const [, index, rest = ''] = /^rows\[(\d+)\](.*)$/.exec(field) ?? []
  const line = index === undefined ? undefined : rows[Number(index)]?.line
  return line === undefined ? error : new ProblemError(code, detail, `lines[${line}]${rest}`)
}

function exportRoute(app: App, fleet: Fleet): void {
  app.get(
    '/api/v1/chargers/export',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'exportChargers',
        permission: 'fleet.read',
        summary: 'Streams the fleet as an import takes it',
        description: [
          `As a JSON array, or as CSV with the columns ${exportColumns.join(', ')}. Credentials are never exported.`,
          'In CSV, a cell that a spreadsheet would run as a formula has an apostrophe before it; an import takes it off again.',
          'A stream that fails on the way is cut off without its proper end.',
        ].join(' '),
        tags,
        querystring: strict({ format: Type.Optional(oneOf(['json', 'csv'], { default: 'json' })) }),
        response: {
          200: {
            description: 'The fleet',
            content: {
              'application/json': { schema: Type.Array(refTo(FleetRowSchema)) },
              'text/csv': { schema: Type.String() },
            },
          },
        },
      },
    },
    async ({ query, scope }, reply) => {
      const rows = fleet.export(scope)
      const csv = query.format === 'csv'
      const stream = csv ? fleetCsv(rows) : Readable.from(fleetJson(rows))
      return await reply
        .type(csv ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8')
        .header('content-disposition', `attachment; filename="chargers.${csv ? 'csv' : 'json'}"`)
        .send(stream as never)
    },
  )
}
