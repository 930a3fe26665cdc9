import type { ChargerFacts } from '../../facts.ts'
import { isRefusal, operation, planner, refuse } from '../../operation.ts'
import type { Fresh } from '../../operation.ts'
import type { FirmwareSupply } from '../../supply.ts'
import type { UpdateParams } from './firmware-job.ts'
import {
  cannotReplace,
  checkTimes,
  expectedVersion,
  newVersionBoots,
  updateAnswers,
  updateOrder,
  updateParams,
  willUpdate,
} from './firmware-job.ts'

const { call, call2x } = planner<UpdateParams>()
const minute = 60_000

/** The request of 2.x, alike in the signed update of 1.6. */
function plainOrder(params: UpdateParams, charger: ChargerFacts, fresh: Fresh) {
  const order = updateOrder(params, charger, fresh)
  if (isRefusal(order)) return order
  const { location, retrieveAt, installAt, retries, retryInterval } = order
  return {
    requestId: fresh.number,
    retries,
    retryInterval,
    firmware: {
      location,
      retrieveDateTime: retrieveAt,
      ...(installAt === undefined ? {} : { installDateTime: installAt }),
    },
  }
}

function signedOrder(params: UpdateParams, charger: ChargerFacts, fresh: Fresh) {
  const plain = plainOrder(params, charger, fresh)
  if (isRefusal(plain)) return plain
  const { signature, certificate } = fresh.supply as unknown as FirmwareSupply
  const signed = { signature, signingCertificate: certificate }
  return { ...plain, firmware: { ...plain.firmware, ...signed } }
}

/** What both kinds of update have in common. */
const shared = {
  params: updateParams,
  repeatable: false,
  whilePending: false,
  expiresAfterMs: 24 * 60 * minute,
  conflict: {
    when: 'refuse',
    // A replacement may meet the update it replaces, but no other replacement.
    scope: ({ replace = false }: UpdateParams) => (replace ? 'replacement' : 'firmware'),
  },
  check: checkTimes,
  supply: ({ image }: UpdateParams) => ({ kind: 'firmware', image }) as const,
  expects: expectedVersion,
  effect: newVersionBoots,
  undo: 'an update to the version before, where the manufacturer allows it',
} as const

export const firmwareUpdate = operation({
  ...shared,
  name: 'firmware.update',
  title: 'Update a charger’s firmware',
  description:
    'Has the charger download an image from our file plane and install it. Worked when the charger boots with the new version; what it says of the installation alone is not enough. ' +
    'Refused for a charger the image is not for. A newer update takes the place of one that is under way where the charger can.',
  risk: 'critical',
  versions: {
    '1.6': call('1.6', 'UpdateFirmware', {
      request(params, charger, fresh) {
        if (params.installAt !== undefined)
          return refuse('OCPP 1.6 says only when to download, not when to install', 'installAt')
        const order = cannotReplace(params) ?? updateOrder(params, charger, fresh)
        if (isRefusal(order)) return order
        const { location, retrieveAt, retries, retryInterval } = order
        return { location, retrieveDate: retrieveAt, retries, retryInterval }
      },
      judge: (_response, params) => willUpdate(params),
    }),
    ...call2x('UpdateFirmware', {
      request: plainOrder,
      answers: updateAnswers,
    }),
  },
})

export const firmwareUpdateSigned = operation({
  ...shared,
  name: 'firmware.update-signed',
  title: 'Update a charger’s firmware, signed',
  description:
    'Like firmware.update, with the image’s signature and signing certificate, which the charger verifies before it installs (OCPP 1.6 security extension A09, 2.x L01).',
  risk: 'critical',
  versions: {
    '1.6': call('1.6', 'SignedUpdateFirmware', {
      request: signedOrder,
      answers: updateAnswers,
    }),
    ...call2x('UpdateFirmware', { request: signedOrder, answers: updateAnswers }),
  },
})
