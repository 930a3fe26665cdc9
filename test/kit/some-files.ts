import type { StoredFile } from '../../src/files/files.ts'
import type { FirmwareImage, FirmwareSummary } from '../../src/firmware/firmware.ts'
import type { ApiParts } from '../../src/api/app.ts'

const iso = '2026-01-01T00:00:00.000Z'
const page = <T>(item: T) => Promise.resolve({ items: [item], nextCursor: 'next' })

export const someFile: StoredFile = {
  id: '01890000-0000-7000-8000-000000000001',
  kind: 'upload',
  charger: 'CP 1',
  dispatch: '01890000-0000-7000-8000-000000000002',
  name: 'diag.log',
  size: 1_234_567,
  sha256: 'ab'.repeat(32),
  contentType: 'text/plain',
  protocol: 'HTTP',
  remoteAddress: '10.0.0.1',
  receivedAt: iso,
  expiresAt: iso,
  deletedAt: null,
  deletedBecause: null,
}

export const someImageSummary: FirmwareSummary = {
  id: '01890000-0000-7000-8000-000000000003',
  file: '01890000-0000-7000-8000-000000000004',
  name: 'one-xl_2.0.bin',
  vendor: 'Acme',
  models: ['One XL', 'Two*'],
  from: ['1.*'],
  version: '2.0',
  size: 25_000_000,
  sha256: 'cd'.repeat(32),
  signedBy: 'manufacturer',
  state: 'held',
  uploadedAt: iso,
  uploadedBy: 'owner',
  releasedAt: null,
  withdrawnAt: null,
  firstUsedAt: null,
}

export const someImage: FirmwareImage = {
  ...someImageSummary,
  md5: 'ef'.repeat(16),
  signature: 'c2lnbmF0dXJl',
  certificate: '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n',
}

export const someSigningCertificate = {
  certificate: someImage.certificate,
  fingerprint: '01'.repeat(32),
  expiresAt: iso,
}

export const willingFiles = {
  list: () => page(someFile),
  show: () => Promise.resolve(someFile),
  remove: () => Promise.resolve(),
} satisfies Partial<ApiParts['files']>

export const willingFirmware = {
  list: () => page(someImageSummary),
  show: () => Promise.resolve(someImage),
  release: () => Promise.resolve(someImage),
  withdraw: () => Promise.resolve(someImage),
  remove: () => Promise.resolve(),
  signingCertificate: () => Promise.resolve(someSigningCertificate),
} satisfies Partial<ApiParts['firmware']>
