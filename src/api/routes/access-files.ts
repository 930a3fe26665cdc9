import { Readable } from 'node:stream'
import { Type } from 'typebox'
import type { Access } from '../../access/access.ts'
import { mostTokens } from '../../access/rules.ts'
import { tokenFields } from '../../access/token.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import type { App } from '../app.ts'
import { concerning } from '../concerning.ts'
import type { CsvShape } from '../csv.ts'
import { fleetJson, readCsv, writeCsv } from '../csv.ts'
import { ListParams, TokenChangeReportSchema, TokenRowSchema } from '../schemas/access.ts'
import { oneOf, Reason, refTo, strict } from '../schemas/common.ts'
import { requestValidator, unstorable } from '../validation.ts'
import { maxImportBytes, namingLine, takeCsv } from './fleet-file.ts'

const tags = ['token-lists']

const shape: CsvShape = {
  columns: tokenFields,
  required: 'token',
  mostRows: mostTokens,
  what: 'tokens',
}

interface Rooms {
  readonly access: Access
  readonly fleet: Pick<Fleet, 'within'>
}

/** Import and export of token lists. A plugin of its own: only here is CSV read, and are bodies so large. */
export function accessFileRoutes(app: App, { access, fleet }: Rooms): void {
  takeCsv(app)
  importRoute(app, access)
  exportRoute(app, { access, fleet })
}

function importRoute(app: App, access: Access): void {
  app.post(
    '/api/v1/token-lists/:list/import',
    {
      bodyLimit: maxImportBytes,
      // The room itself judges every row, so that JSON and CSV are told the same.
      validatorCompiler: requestValidator({ judgesBody: false }),
      schema: {
        operationId: 'importTokens',
        permission: 'access.write',
        about: 'installation',
        summary: 'Puts many tokens on a list: all rows, or none',
        description: [
          `At most ${mostTokens} tokens and 20 MB, as a JSON array or as CSV in UTF-8.`,
          `The columns of the CSV are ${tokenFields.join(', ')}; its first line names those it has.`,
          'An empty cell or an absent field leaves what is known of the token as it is; null in JSON takes it away.',
          'With `replace`, a row says all there is of its token, and tokens without a row are taken off.',
          'The first row that is not acceptable is named in `field`, as `rows[3].status` by its place in the array or `lines[4].status` by its line in the CSV, and nothing is changed.',
        ].join(' '),
        tags,
        params: ListParams,
        querystring: strict({ replace: Type.Optional(Type.Boolean()), reason: Reason }),
        body: {
          content: {
            'application/json': {
              schema: Type.Array(refTo(TokenRowSchema), { maxItems: mostTokens }),
            },
            'text/csv': { schema: Type.String() },
          },
        },
        response: { 200: refTo(TokenChangeReportSchema) },
        problems: ['not-found', 'too-large'],
      },
    },
    async ({ params, query, body, caller }) => {
      const { replace = false, reason } = query
      const put = (rows: readonly unknown[]) =>
        access.change(caller, params.list, { put: rows, replace, imported: true }, reason)
      if (!(body instanceof Readable)) return await put(checkedRows(body))
      const rows = await readCsv(body, maxImportBytes, shape)
      return await put(checkedRows(rows.map(({ row }) => row))).catch((error: unknown) => {
        throw namingLine(error, rows)
      })
    },
  )
}

function checkedRows(body: unknown): readonly unknown[] {
  if (!Array.isArray(body))
    throw new ProblemError('invalid-input', 'the body must be a list of tokens')
  const problem = unstorable({ rows: body })
  if (problem !== undefined) throw problem
  return body
}

function exportRoute(app: App, { access, fleet }: Rooms): void {
  app.get(
    '/api/v1/token-lists/:list/export',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'exportTokens',
        permission: 'access.read',
        summary: 'Streams a token list as an import takes it',
        description: [
          `As a JSON array, or as CSV with the columns ${tokenFields.join(', ')}.`,
          'In CSV, a cell that a spreadsheet would run as a formula has an apostrophe before it; an import takes it off again.',
          'A stream that fails on the way is cut off without its proper end.',
        ].join(' '),
        tags,
        params: ListParams,
        querystring: strict({ format: Type.Optional(oneOf(['json', 'csv'], { default: 'json' })) }),
        response: {
          200: {
            description: 'The list',
            content: {
              'application/json': { schema: Type.Array(refTo(TokenRowSchema)) },
              'text/csv': { schema: Type.String() },
            },
          },
        },
        problems: ['not-found'],
      },
    },
    async ({ params, query, scope }, reply) => {
      const rows = await access.export(params.list, await concerning(fleet, scope))
      const csv = query.format === 'csv'
      const stream = csv ? writeCsv(rows, tokenFields) : Readable.from(fleetJson(rows))
      return await reply
        .type(csv ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8')
        .header(
          'content-disposition',
          `attachment; filename="${params.list}.${csv ? 'csv' : 'json'}"`,
        )
        .send(stream as never)
    },
  )
}
