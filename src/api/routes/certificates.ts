import { Type } from 'typebox'
import type { Fleet } from '../../fleet/fleet.ts'
import { certificateStates } from '../../trust/trust.ts'
import type { Trust } from '../../trust/trust.ts'
import type { App } from '../app.ts'
import {
  AuthoritySchema,
  CertificateDetailSchema,
  CertificateSchema,
  LowestProfileSchema,
  RevocationSchema,
} from '../schemas/certificate.ts'
import { ChargerSchema } from '../schemas/charger.ts'
import {
  Identity,
  IdentityParams,
  oneOf,
  pageOf,
  pageQuery,
  pageRequest,
  refTo,
} from '../schemas/common.ts'
import { FileParams } from '../schemas/files.ts'

const tags = ['certificates']

export function certificateRoutes(
  app: App,
  { trust, fleet }: { trust: Trust; fleet: Pick<Fleet, 'setLowestProfile' | 'within'> },
): void {
  app.get(
    '/api/v1/certificates',
    {
      schema: {
        operationId: 'listCertificates',
        permission: 'fleet.read',
        summary: 'Lists certificates of chargers and what they asked for, newest first',
        tags,
        querystring: pageQuery({
          charger: Type.Optional(Identity),
          state: Type.Optional(oneOf(certificateStates)),
          expiringWithinDays: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 3650,
              description: 'Valid now, and no longer in so many days',
            }),
          ),
        }),
        response: { 200: pageOf(refTo(CertificateSchema)) },
      },
    },
    async ({ query, scope }) => {
      const { charger, state, expiringWithinDays } = query
      const filter = {
        ...(charger === undefined ? {} : { charger }),
        ...(state === undefined ? {} : { state }),
        ...(expiringWithinDays === undefined ? {} : { expiringWithinDays }),
      }
      return await trust.list(pageRequest(query), filter, await fleet.within(scope))
    },
  )

  app.get(
    '/api/v1/certificates/:id',
    {
      schema: {
        operationId: 'showCertificate',
        permission: 'fleet.read',
        summary: 'Shows one certificate',
        tags,
        params: FileParams,
        response: { 200: refTo(CertificateDetailSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params, scope }) => await trust.show(params.id, await fleet.within(scope)),
  )

  app.post(
    '/api/v1/certificates/:id/revoke',
    {
      schema: {
        operationId: 'revokeCertificate',
        permission: 'fleet.credentials',
        summary: 'Revokes a certificate, for good',
        description:
          'From now on nobody connects with it, nor with a TLS session that was begun with it; the charger’s connection is closed.',
        tags,
        params: FileParams,
        body: refTo(RevocationSchema),
        response: { 200: refTo(CertificateSchema) },
        problems: ['not-found', 'too-late'],
      },
    },
    async ({ params, body, caller, scope }) =>
      await trust.revoke(caller, params.id, body.reason, await fleet.within(scope)),
  )

  app.get(
    '/api/v1/certificate-authorities',
    {
      schema: {
        operationId: 'listCertificateAuthorities',
        permission: 'fleet.read',
        summary: 'Lists the authorities whose signatures on certificates of chargers are ours',
        description: 'On one page. There is none until the first certificate is asked for.',
        tags,
        response: { 200: pageOf(refTo(AuthoritySchema)) },
      },
    },
    async () => ({ items: [...(await trust.authorities())], nextCursor: null }),
  )

  app.put(
    '/api/v1/chargers/:identity/lowest-security-profile',
    {
      schema: {
        operationId: 'setLowestSecurityProfile',
        permission: 'fleet.credentials',
        about: 'charger',
        summary: 'Says with which security profile a charger may connect at least',
        description:
          'It rises by itself to the profile the charger has used. Lowered, it lets a charger back in that has lost its certificate.',
        tags,
        params: IdentityParams,
        body: refTo(LowestProfileSchema),
        response: { 200: refTo(ChargerSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params, body, caller }) => await fleet.setLowestProfile(caller, params.identity, body),
  )
}
