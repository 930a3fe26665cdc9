import { Type } from 'typebox'
import type { Issued } from '../../identity/enrolment/invitations.ts'
import type { Identity } from '../../identity/identity.ts'
import type { App, SystemFacts } from '../app.ts'
import { enrolmentLink } from '../enrolment-link.ts'
import { NoContent, pageOf, pageQuery, pageRequest, refTo, strict } from '../schemas/common.ts'
import {
  InvitationSchema,
  IssuedInvitationSchema,
  NewInvitationSchema,
  PersonPatchSchema,
  PersonSchema,
  PersonSessionSchema,
} from '../schemas/people.ts'

const tags = ['people']
const ById = strict({ id: Type.String({ minLength: 1, maxLength: 100 }) })

export function peopleRoutes(
  app: App,
  { identity, system }: { identity: Identity; system: Pick<SystemFacts, 'operatorUrl'> },
): void {
  const withLink = ({ invitation, secret }: Issued) => ({
    ...invitation,
    link: enrolmentLink(system.operatorUrl(), secret),
  })

  app.get(
    '/api/v1/people',
    {
      schema: {
        operationId: 'listPeople',
        summary: 'Lists the accounts of people by name',
        tags,
        permission: 'people.read',
        querystring: pageQuery({}),
        response: { 200: pageOf(refTo(PersonSchema)) },
      },
    },
    ({ query }) => identity.people.list(pageRequest(query)),
  )

  app.get(
    '/api/v1/people/:id',
    {
      schema: {
        operationId: 'getPerson',
        summary: 'Shows somebody’s account',
        tags,
        permission: 'people.read',
        params: ById,
        response: { 200: refTo(PersonSchema) },
        problems: ['not-found'],
      },
    },
    ({ params }) => identity.people.show(params.id),
  )

  app.patch(
    '/api/v1/people/:id',
    {
      schema: {
        operationId: 'updatePerson',
        summary: 'Changes how somebody is called, locks them out, or lets them in again',
        tags,
        permission: 'people.write',
        about: 'installation',
        params: ById,
        body: refTo(PersonPatchSchema),
        response: { 200: refTo(PersonSchema) },
        problems: ['not-found', 'denied', 'step-up-needed'],
      },
    },
    ({ caller, params, body }) => identity.people.update(caller, params.id, body),
  )

  app.get(
    '/api/v1/people/:id/sessions',
    {
      schema: {
        operationId: 'listPersonSessions',
        summary: 'Lists where somebody is signed in, newest first, on one page',
        tags,
        permission: 'people.read',
        params: ById,
        response: { 200: pageOf(refTo(PersonSessionSchema)) },
        problems: ['not-found'],
      },
    },
    async ({ caller, params }) => {
      const { id } = await identity.people.show(params.id)
      return { items: await identity.sessions.of(caller, id), nextCursor: null }
    },
  )

  app.delete(
    '/api/v1/people/:id/sessions',
    {
      schema: {
        operationId: 'endPersonSessions',
        summary: 'Ends all sessions of somebody, at once and on every node',
        tags,
        permission: 'people.write',
        about: 'installation',
        params: ById,
        response: { 200: Type.Object({ ended: Type.Integer() }, { description: 'How many' }) },
        problems: ['not-found', 'step-up-needed'],
      },
    },
    async ({ caller, params }) => {
      const { id } = await identity.people.show(params.id)
      return { ended: await identity.sessions.endAll(caller, id) }
    },
  )

  app.get(
    '/api/v1/invitations',
    {
      schema: {
        operationId: 'listInvitations',
        summary: 'Lists the one-time links that still work, oldest first',
        tags,
        permission: 'people.read',
        querystring: pageQuery({}),
        response: { 200: pageOf(refTo(InvitationSchema)) },
      },
    },
    ({ query }) => identity.invitations.list(pageRequest(query)),
  )

  app.post(
    '/api/v1/invitations',
    {
      schema: {
        operationId: 'invitePerson',
        summary: 'Makes a one-time link with which a person enrols',
        description: 'While there is nobody, whoever enrols first becomes owner.',
        tags,
        permission: 'people.write',
        about: 'installation',
        body: refTo(NewInvitationSchema),
        response: { 201: refTo(IssuedInvitationSchema) },
        problems: ['step-up-needed'],
      },
    },
    async ({ caller, body }, reply) => {
      const issued = await identity.invitations.create(caller, body)
      return reply.code(201).send(withLink(issued))
    },
  )

  app.delete(
    '/api/v1/invitations/:id',
    {
      schema: {
        operationId: 'revokeInvitation',
        summary: 'Takes a one-time link back',
        tags,
        permission: 'people.write',
        about: 'installation',
        params: ById,
        response: { 204: NoContent },
        problems: ['not-found'],
      },
    },
    async ({ caller, params }, reply) => {
      await identity.invitations.revoke(caller, params.id)
      return reply.code(204).send(null)
    },
  )
}
