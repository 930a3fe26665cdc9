import type { Json } from '../kernel/json.ts'
import type { NamedUrl } from './urls.ts'

/** What an operation asks another room of ours for when it is submitted. */
export type SupplyRequest =
  | { readonly kind: 'token-list'; readonly list: string }
  | {
      readonly kind: 'firmware'
      readonly image: string
      /** What ends its use needs it after it was withdrawn as well. */
      readonly evenWithdrawn?: true
    }
  | { readonly kind: 'certificate'; readonly certificate: string }
  /** Addresses a charger would be told; refused unless the installation allows them (`urls.ts`). */
  | { readonly kind: 'urls'; readonly urls: readonly NamedUrl[] }

/**
 * Gives the snapshot a command is carried out with, so that it stays exactly what was submitted whatever
 * changes afterwards. Throws a ProblemError that names the parameter where there is no such thing. Only
 * looks: a preview asks as well.
 */
export type Supplies = (request: SupplyRequest) => Promise<Json>

/** A command was recorded with what it had asked for. */
export interface Supplied {
  readonly request: SupplyRequest
  readonly at: number
}

/** A firmware image as it was when a command for it was submitted. */
export interface FirmwareSupply {
  readonly id: string
  /** Id of the file in our file plane, and the name chargers see. */
  readonly file: string
  readonly name: string
  /** Null: of any vendor. */
  readonly vendor: string | null
  /** For which models; patterns may end in `*`; empty: any. */
  readonly models: readonly string[]
  /** Over which versions it may be installed; patterns may end in `*`; empty: any. */
  readonly from: readonly string[]
  /** The version it brings, as the charger will report it. */
  readonly version: string
  /** Bytes. */
  readonly size: number
  /** Hex. */
  readonly sha256: string
  /** Hex; OCPP 2.x PublishFirmware wants it (L03.FR.05). */
  readonly md5: string
  /** Base64, over the whole image. */
  readonly signature: string
  /** PEM. */
  readonly certificate: string
}

/** A certificate as it was when a command to send it was submitted. */
export interface CertificateSupply {
  /** Whose it is. */
  readonly charger: string
  /** PEM: the certificate and the authorities between it and the root. */
  readonly chain: string
  /** SHA-256, hex. */
  readonly fingerprint: string
  /** Hex. */
  readonly serial: string
  /** OCPP 2.1: the charger's number for its request. */
  readonly requestId?: number
}
