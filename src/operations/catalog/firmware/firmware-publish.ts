import Type from 'typebox'
import type { Static } from 'typebox'
import {
  absent,
  accepted,
  notYet,
  operation,
  planner,
  refuse,
  refusedBecause,
} from '../../operation.ts'
import type { FirmwareSupply } from '../../supply.ts'
import { noSharedProtocol, protocolsOf } from '../diagnostics/log-request.ts'

const params = Type.Object(
  {
    image: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'The firmware image, by its id (otactl firmware list)',
    }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call2x } = planner<Params>()
const minute = 60_000
const no16 = absent('OCPP 1.6 knows no local controllers that pass firmware on')

const failures: Readonly<Record<string, string>> = {
  DownloadFailed: 'the local controller could not download it',
  InvalidChecksum: 'the local controller found another checksum',
  PublishFailed: 'the local controller could not publish it',
}

export const firmwarePublish = operation({
  name: 'firmware.publish',
  title: 'Publish firmware on a local controller',
  description:
    'Has a local controller download an image once and offer it to the chargers behind it (OCPP 2.x L03). Worked when it reports that it is published.',
  risk: 'routine',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'refuse', scope: () => 'publication' },
  supply: ({ image }) => ({ kind: 'firmware', image }),
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the local controller reports Published',
    withinMs: 60 * minute,
    seen({ jobs }, since, _params, { fresh }) {
      const job = jobs['firmware-publication']
      if (job === undefined || job.receivedAt <= since) return notYet
      if (job.requestId !== undefined && job.requestId !== fresh.number) return notYet
      if (job.status === 'Published') return { seen: 'yes' }
      const failure = failures[job.status]
      return failure === undefined ? notYet : { seen: 'no', because: `${failure} (${job.status})` }
    },
  },
  undo: 'firmware.unpublish',
  versions: {
    '1.6': no16,
    ...call2x('PublishFirmware', {
      request(_params, charger, fresh) {
        const firmware = fresh.supply as unknown as FirmwareSupply
        const protocols = protocolsOf(charger)
        const location = fresh.download({ id: firmware.file, name: firmware.name }, protocols)
        if (location === undefined) return refuse(noSharedProtocol(protocols))
        const { md5: checksum } = firmware
        return { location, checksum, requestId: fresh.number, retries: 3, retryInterval: 60 }
      },
      answers: {
        Accepted: accepted,
        Rejected: refusedBecause('the local controller rejected the publication'),
      },
    }),
  },
})

export const firmwareUnpublish = operation({
  name: 'firmware.unpublish',
  title: 'Stop publishing firmware on a local controller',
  description: 'Ends what firmware.publish began (OCPP 2.x L04).',
  risk: 'routine',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'never' },
  supply: ({ image }) => ({ kind: 'firmware', image, evenWithdrawn: true }),
  effect: { seenIn: 'answer' },
  undo: 'firmware.publish',
  versions: {
    '1.6': no16,
    ...call2x('UnpublishFirmware', {
      request: (_params, _charger, { supply }) => ({
        checksum: (supply as unknown as FirmwareSupply).md5,
      }),
      answers: {
        Unpublished: { meaning: 'done' },
        NoFirmware: { meaning: 'done', detail: 'it was not published' },
        DownloadOngoing: refusedBecause('a charger is downloading it; try again later'),
      },
    }),
  },
})
