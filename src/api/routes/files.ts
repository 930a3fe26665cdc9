import { Type } from 'typebox'
import { fileKinds, type Files } from '../../files/files.ts'
import { contentDisposition } from '../../files/names.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import type { App } from '../app.ts'
import {
  Identity,
  NoContent,
  oneOf,
  pageOf,
  pageQuery,
  pageRequest,
  Reason,
  refTo,
  strict,
} from '../schemas/common.ts'
import { FileParams, FileSchema } from '../schemas/files.ts'

const tags = ['files']

/** What chargers uploaded, and what they may fetch. */
export function fileRoutes(
  app: App,
  { files, fleet }: { readonly files: Files; readonly fleet: Pick<Fleet, 'within'> },
): void {
  app.get(
    '/api/v1/files',
    {
      schema: {
        operationId: 'listFiles',
        permission: 'files.read',
        summary: 'Lists files, newest first',
        tags,
        querystring: pageQuery({
          charger: Type.Optional(Identity),
          kind: Type.Optional(oneOf(fileKinds)),
          dispatch: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 100,
              description: 'Those that came for this charger’s part of a command',
            }),
          ),
          deleted: Type.Optional(
            Type.Boolean({
              description: 'Only those whose content is deleted, or only those still kept',
            }),
          ),
        }),
        response: { 200: pageOf(refTo(FileSchema)) },
      },
    },
    async ({ query, scope }) => {
      const { charger, kind, dispatch, deleted } = query
      const filter = {
        ...(charger === undefined ? {} : { charger }),
        ...(kind === undefined ? {} : { kind }),
        ...(dispatch === undefined ? {} : { dispatch }),
        ...(deleted === undefined ? {} : { deleted }),
      }
      return await files.list(pageRequest(query), filter, await fleet.within(scope))
    },
  )

  app.get(
    '/api/v1/files/:id',
    {
      schema: {
        operationId: 'showFile',
        permission: 'files.read',
        summary: 'Shows what is known of one file',
        tags,
        params: FileParams,
        response: { 200: refTo(FileSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params, scope }) => await files.show(params.id, await fleet.within(scope)),
  )

  app.get(
    '/api/v1/files/:id/content',
    {
      // Whoever asks for it has it, so asking is on the record.
      exposeHeadRoute: false,
      schema: {
        operationId: 'readFile',
        permission: 'files.content',
        summary: 'Downloads a file; the record says who did',
        description:
          'As bytes to be saved, whatever the charger said it is. `Repr-Digest` has its SHA-256 (RFC 9530).',
        tags,
        params: FileParams,
        response: {
          200: {
            description: 'The content',
            content: {
              'application/octet-stream': {
                schema: Type.Unsafe<never>({ type: 'string', format: 'binary' }),
              },
            },
          },
        },
        problems: ['not-found'],
      },
    },
    async ({ params, caller, scope }, reply) => {
      const { file, content } = await files.read(caller, params.id, await fleet.within(scope))
      return await reply
        .type('application/octet-stream')
        .header('content-length', String(file.size))
        .header('content-disposition', contentDisposition(file.name))
        .header('repr-digest', `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`)
        .send(content)
    },
  )

  app.delete(
    '/api/v1/files/:id',
    {
      schema: {
        operationId: 'deleteFile',
        permission: 'files.delete',
        summary: 'Deletes the content of a file a charger uploaded',
        description: 'That it was there, and who deleted it, stays.',
        tags,
        params: FileParams,
        querystring: strict({ reason: Reason }),
        response: { 204: NoContent },
        problems: ['not-found', 'too-late'],
      },
    },
    async ({ params, query, caller, scope }, reply) => {
      await files.remove(caller, params.id, query.reason, await fleet.within(scope))
      return reply.code(204).send(null)
    },
  )
}
