import type { Context } from '../kernel/actor.ts'
import type { Page, PageRequest } from '../kernel/page.ts'
import type { FirmwareSupply } from '../operations/supply.ts'

export const firmwareStates = ['held', 'released', 'withdrawn'] as const
/** `held`: uploaded. `released`: may be installed. `withdrawn`: for good; chargers get it no more. */
export type FirmwareState = (typeof firmwareStates)[number]

/** `manufacturer`: signature and certificate came with the image. `operator`: made here, with our own key. */
export type FirmwareSigner = 'manufacturer' | 'operator'

/** A firmware image as it stands in a list. Times are ISO 8601. */
export interface FirmwareSummary {
  readonly id: string
  /** Its content, in the file plane. */
  readonly file: string
  /** The file name chargers see. */
  readonly name: string
  readonly vendor: string
  /** For which models; exact, or a beginning that ends in `*`. */
  readonly models: readonly string[]
  /** Over which versions it may be installed, written likewise; empty: over any. */
  readonly from: readonly string[]
  /** The version it brings, as the charger will report it. */
  readonly version: string
  /** Bytes. */
  readonly size: number
  /** Hex. */
  readonly sha256: string
  readonly signedBy: FirmwareSigner
  readonly state: FirmwareState
  readonly uploadedAt: string
  /** The name of who uploaded it. */
  readonly uploadedBy: string
  readonly releasedAt: string | null
  readonly withdrawnAt: string | null
  /** When a command first took it. */
  readonly firstUsedAt: string | null
}

export interface FirmwareImage extends FirmwareSummary {
  /** Hex; OCPP's PublishFirmware asks for it. */
  readonly md5: string
  /** Base64, over the whole image, SHA-256. */
  readonly signature: string
  /** PEM; verifies the signature. */
  readonly certificate: string
}

/** What is said of an image that is uploaded. */
export interface NewFirmware {
  readonly name: string
  readonly vendor: string
  readonly models: readonly string[]
  readonly version: string
  readonly from?: readonly string[]
  /** Hex; what came must have it. */
  readonly sha256?: string
  /** Base64; the manufacturer's, with its certificate. Without both, ours are made. */
  readonly signature?: string
  /** PEM, one certificate. */
  readonly certificate?: string
}

export interface FirmwareFilter {
  readonly vendor?: string
  /** Images that are for this model. */
  readonly model?: string
  readonly state?: FirmwareState
}

export interface SigningCertificate {
  /** PEM, self-signed. */
  readonly certificate: string
  /** SHA-256 of the certificate, hex. */
  readonly fingerprint: string
  readonly expiresAt: string
}

/** Firmware images: kept, vouched for, released and withdrawn. */
export interface Firmware {
  /** Newest first. */
  list(page: PageRequest, filter: FirmwareFilter): Promise<Page<FirmwareSummary>>
  show(id: string): Promise<FirmwareImage>
  /** Takes an image in, and keeps it `held`. What does not verify is not kept. */
  upload(
    context: Context,
    said: NewFirmware,
    content: AsyncIterable<Buffer>,
  ): Promise<FirmwareImage>
  release(context: Context, id: string, reason: string): Promise<FirmwareImage>
  /** Ends its use, also by commands that are under way: no charger gets it any more. */
  withdraw(context: Context, id: string, reason: string): Promise<FirmwareImage>
  /** Only an image no command ever took. */
  remove(context: Context, id: string, reason: string): Promise<void>
  /** Of the key that signs images whose manufacturer did not; made when first asked for. */
  signingCertificate(context: Context): Promise<SigningCertificate>
  /**
   * The image as a command takes it; `noteFirmwareUse` keeps it from being deleted once the command is
   * recorded. A ProblemError naming `image` where it does not exist or is not released.
   */
  firmwareOf(id: string, options?: { readonly evenWithdrawn?: boolean }): Promise<FirmwareSupply>
}
