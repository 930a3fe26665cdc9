import { Type } from 'typebox'
import type { Fleet } from '../../fleet/fleet.ts'
import type { App } from '../app.ts'
import { NoContent, pageOf, refTo, strict } from '../schemas/common.ts'
import { GroupSchema, NewGroupSchema } from '../schemas/fleet.ts'

const tags = ['groups']

export function groupRoutes(app: App, { fleet }: { fleet: Fleet }): void {
  app.get(
    '/api/v1/groups',
    {
      schema: {
        operationId: 'listGroups',
        permission: 'fleet.read',
        summary: 'Lists all groups, sorted by path, on one page',
        tags,
        response: { 200: pageOf(refTo(GroupSchema)) },
      },
    },
    async ({ scope }) => ({ items: await fleet.groups(scope), nextCursor: null }),
  )

  app.post(
    '/api/v1/groups',
    {
      schema: {
        operationId: 'addGroup',
        permission: 'fleet.write',
        about: 'group',
        summary: 'Adds a group',
        tags,
        body: refTo(NewGroupSchema),
        response: {
          201: refTo(GroupSchema),
        },
        problems: ['already-exists', 'not-found'],
      },
    },
    async ({ body, caller }, reply) => reply.code(201).send(await fleet.addGroup(caller, body)),
  )

  app.delete(
    '/api/v1/groups',
    {
      schema: {
        operationId: 'removeGroup',
        permission: 'fleet.write',
        about: 'group',
        summary: 'Removes an empty group',
        tags,
        querystring: strict({
          path: Type.String({ minLength: 1, maxLength: 500, description: 'The group’s path' }),
        }),
        response: { 204: NoContent },
        problems: ['not-found'],
      },
    },
    async ({ query, caller }, reply) => {
      await fleet.removeGroup(caller, query.path)
      return reply.code(204).send(null)
    },
  )
}
