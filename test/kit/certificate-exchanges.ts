import type { Exchange } from './api-exchanges.ts'
import { someCharger } from './api-world.ts'
import { someAuthority, someCertificate, someCertificateDetail } from './some-certificates.ts'
import { context, paged } from './willing-rooms.ts'

const one = `/api/v1/certificates/${someCertificate.id}`

export const certificateExchanges: Exchange[] = [
  {
    asks: [
      'GET',
      '/api/v1/certificates?charger=CP%201&state=revoked&expiringWithinDays=30&limit=2&cursor=x',
    ],
    status: 200,
    reaches: [
      'list',
      { limit: 2, cursor: 'x' },
      { charger: 'CP 1', state: 'revoked', expiringWithinDays: 30 },
    ],
    answers: paged(someCertificate),
  },
  {
    asks: ['GET', one],
    status: 200,
    reaches: ['show', someCertificate.id],
    answers: someCertificateDetail,
  },
  {
    asks: ['POST', `${one}/revoke`, { reason: 'stolen' }],
    status: 200,
    reaches: ['revoke', context, someCertificate.id, 'stolen'],
    answers: someCertificate,
  },
  {
    asks: ['GET', '/api/v1/certificate-authorities'],
    status: 200,
    reaches: ['authorities'],
    answers: { items: [someAuthority], nextCursor: null },
  },
  {
    asks: [
      'PUT',
      '/api/v1/chargers/CP%201/lowest-security-profile',
      { lowest: 2, reason: 'lost its certificate' },
    ],
    status: 200,
    reaches: ['setLowestProfile', context, 'CP 1', { lowest: 2, reason: 'lost its certificate' }],
    answers: someCharger,
  },
]
