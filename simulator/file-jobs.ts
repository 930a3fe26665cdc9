import { createHash, createVerify } from 'node:crypto'
import type { Body } from './speaker.ts'

/** Where a log goes or firmware comes from, whatever the version calls the fields. */
export interface UploadOrder {
  readonly location: string
  readonly name: string
  readonly content: string
}

export interface FirmwareOrder {
  readonly location: string
  /** Both, where the charger shall verify before it installs. */
  readonly signature?: string
  readonly certificate?: string
}

export type TellJob = (status: string) => void

/** What an image for the Lab begins with; the version follows. Everything else cannot be installed. */
export const labFirmware = 'OTA-LAB-FIRMWARE '
const transferTimeoutMs = 30_000

/** Jobs with files: logs to upload, firmware to download and install. One of each at a time. */
export class FileJobs {
  readonly #body: Body
  #uploading = false
  #updating = false

  constructor(body: Body) {
    this.#body = body
  }

  get uploads(): boolean {
    return this.#uploading
  }

  get updates(): boolean {
    return this.#updating
  }

  async upload({ location, name, content }: UploadOrder, tell: TellJob): Promise<void> {
    this.#uploading = true
    tell('Uploading')
    const done = await put(location, name, content)
    this.#uploading = false
    tell(done ? 'Uploaded' : this.#body.version === '1.6' ? 'UploadFailed' : 'UploadFailure')
  }

  async update(order: FirmwareOrder, tell: TellJob): Promise<void> {
    this.#updating = true
    const end = await this.#install(order, tell)
    this.#updating = false
    if (typeof end === 'string') tell(end)
    else this.#restartWith(end.version, tell)
  }

  /** A local controller fetches an image to offer it to others. */
  async publish(location: string, checksum: string, tell: TellJob): Promise<void> {
    tell('Downloading')
    const image = await get(location)
    if (image === undefined) return tell('DownloadFailed')
    tell('Downloaded')
    const right = createHash('md5').update(image).digest('hex') === checksum.toLowerCase()
    tell(right ? 'ChecksumVerified' : 'InvalidChecksum')
    if (right) tell('Published')
  }

  /** The version installed, or the status with which it ends. */
  async #install(
    { location, signature, certificate }: FirmwareOrder,
    tell: TellJob,
  ): Promise<{ version: string } | string> {
    tell('Downloading')
    const image = await get(location)
    if (image === undefined) return 'DownloadFailed'
    tell('Downloaded')
    if (signature !== undefined && certificate !== undefined) {
      if (!isSigned(image, signature, certificate)) return 'InvalidSignature'
      tell('SignatureVerified')
    }
    tell('Installing')
    const text = image.toString('utf8')
    if (!text.startsWith(labFirmware)) return 'InstallationFailed'
    return { version: text.slice(labFirmware.length).split('\n', 1)[0]?.trim() ?? '' }
  }

  #restartWith(version: string, tell: TellJob): void {
    const installs = !this.#body.fakesFirmware
    if (installs) this.#body.firmware = version
    tell('Installed')
    this.#body.apply({
      do: 'reset',
      evse: 0,
      how: 'stop-sessions',
      bootReason: 'FirmwareUpdate',
      stopReason: 'soft-reset',
    })
  }
}

async function put(location: string, name: string, content: string): Promise<boolean> {
  try {
    const url = `${location.replace(/\/$/, '')}/${encodeURIComponent(name)}`
    const signal = AbortSignal.timeout(transferTimeoutMs)
    const response = await fetch(url, { method: 'PUT', body: content, signal })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

async function get(location: string): Promise<Buffer | undefined> {
  try {
    const response = await fetch(location, { signal: AbortSignal.timeout(transferTimeoutMs) })
    const content = Buffer.from(await response.arrayBuffer())
    return response.ok ? content : undefined
  } catch {
    return undefined
  }
}

function isSigned(image: Buffer, signature: string, certificate: string): boolean {
  try {
    return createVerify('sha256').update(image).verify(certificate, signature, 'base64')
  } catch {
    return false
  }
}
