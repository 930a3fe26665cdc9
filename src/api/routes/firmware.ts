import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { firmwareStates, type Firmware } from '../../firmware/firmware.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { App } from '../app.ts'
import {
  NoContent,
  oneOf,
  pageOf,
  pageQuery,
  pageRequest,
  Reason,
  refTo,
  strict,
} from '../schemas/common.ts'
import { FileParams } from '../schemas/files.ts'
import {
  FirmwareDetailSchema,
  FirmwareSchema,
  FirmwareStepSchema,
  NewFirmwareQuery,
  SigningCertificateSchema,
} from '../schemas/firmware.ts'
import { requestValidator } from '../validation.ts'

const tags = ['firmware']
const word = Type.String({ minLength: 1, maxLength: 60 })

export function firmwareRoutes(app: App, { firmware }: { firmware: Firmware }): void {
  app.get(
    '/api/v1/firmware',
    {
      schema: {
        operationId: 'listFirmware',
        permission: 'firmware.read',
        summary: 'Lists firmware images, newest first',
        tags,
        querystring: pageQuery({
          vendor: Type.Optional(word),
          model: Type.Optional(
            Type.String({ minLength: 1, maxLength: 60, description: 'Images for this model' }),
          ),
          state: Type.Optional(oneOf(firmwareStates)),
        }),
        response: { 200: pageOf(refTo(FirmwareSchema)) },
      },
    },
    async ({ query }) => {
      const { vendor, model, state } = query
      return await firmware.list(pageRequest(query), {
        ...(vendor === undefined ? {} : { vendor }),
        ...(model === undefined ? {} : { model }),
        ...(state === undefined ? {} : { state }),
      })
    },
  )

  app.get(
    '/api/v1/firmware/:id',
    {
      schema: {
        operationId: 'showFirmware',
        permission: 'firmware.read',
        summary: 'Shows one firmware image with its signature',
        tags,
        params: FileParams,
        response: { 200: refTo(FirmwareDetailSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params }) => await firmware.show(params.id),
  )

  app.get(
    '/api/v1/firmware/signing-certificate',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'showSigningCertificate',
        permission: 'firmware.read',
        summary: 'Shows the certificate of images that were signed here',
        description:
          'Chargers that verify signatures need it among the manufacturer certificates they trust. Key and certificate are made when first needed.',
        tags,
        response: { 200: refTo(SigningCertificateSchema) },
      },
    },
    async ({ caller }) => await firmware.signingCertificate(caller),
  )

  stepRoutes(app, firmware)
}

function stepRoutes(app: App, firmware: Firmware): void {
  app.post(
    '/api/v1/firmware/:id/release',
    {
      schema: {
        operationId: 'releaseFirmware',
        permission: 'firmware.write',
        about: 'installation',
        summary: 'Lets a firmware image be installed',
        tags,
        params: FileParams,
        body: refTo(FirmwareStepSchema),
        response: { 200: refTo(FirmwareDetailSchema) },
        problems: ['not-found', 'too-late'],
      },
    },
    async ({ params, body, caller }) => await firmware.release(caller, params.id, body.reason),
  )

  app.post(
    '/api/v1/firmware/:id/withdraw',
    {
      schema: {
        operationId: 'withdrawFirmware',
        permission: 'firmware.write',
        about: 'installation',
        summary: 'Ends the use of a firmware image, for good',
        description:
          'Chargers that have been told to fetch it and have not yet are refused. One that has it already may still install it.',
        tags,
        params: FileParams,
        body: refTo(FirmwareStepSchema),
        response: { 200: refTo(FirmwareDetailSchema) },
        problems: ['not-found', 'too-late'],
      },
    },
    async ({ params, body, caller }) => await firmware.withdraw(caller, params.id, body.reason),
  )

  app.delete(
    '/api/v1/firmware/:id',
    {
      schema: {
        operationId: 'deleteFirmware',
        permission: 'firmware.write',
        about: 'installation',
        summary: 'Deletes a firmware image that no command ever took',
        tags,
        params: FileParams,
        querystring: strict({ reason: Reason }),
        response: { 204: NoContent },
        problems: ['not-found', 'too-late'],
      },
    },
    async ({ params, query, caller }, reply) => {
      await firmware.remove(caller, params.id, query.reason)
      return reply.code(204).send(null)
    },
  )
}

/** Takes images in. A plugin of its own: only here is a body of any size read, as it comes. */
export function firmwareUploadRoute(app: App, { firmware }: { firmware: Firmware }): void {
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) =>
    done(null, payload),
  )
  app.post(
    '/api/v1/firmware',
    {
      validatorCompiler: requestValidator({ judgesBody: false }),
      schema: {
        operationId: 'uploadFirmware',
        permission: 'firmware.write',
        about: 'installation',
        summary: 'Takes in a firmware image, and holds it until it is released',
        description: [
          'The body is the image, at most `OTA_FIRMWARE_MAX_BYTES`.',
          'With `signature` and `certificate` it is verified as it came from its manufacturer; without both it is signed here.',
          'What does not fit is not kept.',
        ].join(' '),
        tags,
        querystring: NewFirmwareQuery,
        body: {
          content: {
            'application/octet-stream': {
              schema: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }),
            },
          },
        },
        response: { 201: refTo(FirmwareDetailSchema) },
        problems: ['storage-full'],
      },
    },
    async ({ query, body, caller }, reply) => {
      if (!(body instanceof Readable))
        throw new ProblemError(
          'unsupported-media-type',
          'send the image as application/octet-stream',
        )
      const { from, sha256, signature, certificate, ...said } = query
      const image = await firmware.upload(
        caller,
        {
          ...said,
          ...(from === undefined ? {} : { from }),
          ...(sha256 === undefined ? {} : { sha256 }),
          ...(signature === undefined ? {} : { signature }),
          ...(certificate === undefined ? {} : { certificate }),
        },
        // What is refused half-way must still be answered.
        body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>,
      )
      reply.header('location', `/api/v1/firmware/${image.id}`)
      return reply.code(201).send(image)
    },
  )
}
