import type { Exchange } from './api-exchanges.ts'
import { someFile, someImage, someImageSummary, someSigningCertificate } from './some-files.ts'
import { context, paged } from './willing-rooms.ts'

const file = `/api/v1/files/${someFile.id}`
const image = `/api/v1/firmware/${someImage.id}`

export const fileExchanges: Exchange[] = [
  {
    asks: ['GET', '/api/v1/files'],
    status: 200,
    reaches: ['list', { limit: 50 }, {}],
    answers: paged(someFile),
  },
  {
    asks: [
      'GET',
      '/api/v1/files?limit=2&charger=CP%201&kind=upload&deleted=false&dispatch=d1&cursor=x',
    ],
    status: 200,
    reaches: [
      'list',
      { limit: 2, cursor: 'x' },
      { charger: 'CP 1', kind: 'upload', dispatch: 'd1', deleted: false },
    ],
  },
  { asks: ['GET', file], status: 200, reaches: ['show', someFile.id], answers: someFile },
  {
    asks: ['DELETE', `${file}?reason=private`],
    status: 204,
    reaches: ['remove', context, someFile.id, 'private'],
  },
  {
    asks: ['GET', '/api/v1/firmware?vendor=Acme&model=Two%20mini&state=released'],
    status: 200,
    reaches: ['list', { limit: 50 }, { vendor: 'Acme', model: 'Two mini', state: 'released' }],
    answers: paged(someImageSummary),
  },
  {
    asks: ['GET', '/api/v1/firmware/signing-certificate'],
    status: 200,
    reaches: ['signingCertificate', context],
    answers: someSigningCertificate,
  },
  { asks: ['GET', image], status: 200, reaches: ['show', someImage.id], answers: someImage },
  {
    asks: ['POST', `${image}/release`, { reason: 'tested' }],
    status: 200,
    reaches: ['release', context, someImage.id, 'tested'],
    answers: someImage,
  },
  {
    asks: ['POST', `${image}/withdraw`, { reason: 'bricks' }],
    status: 200,
    reaches: ['withdraw', context, someImage.id, 'bricks'],
    answers: someImage,
  },
  {
    asks: ['DELETE', `${image}?reason=wrong`],
    status: 204,
    reaches: ['remove', context, someImage.id, 'wrong'],
  },
]
