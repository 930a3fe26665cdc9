/** Who passkeys are made for. They belong to a host name for ever: it is part of what they sign. */
export interface RelyingParty {
  /** Host name, without a port. */
  readonly id: string
  readonly name: string
  /** Scheme, host and port of the pages where they are shown. */
  readonly origin: string
}

export type RelyingPartyResult = { readonly party: RelyingParty } | { readonly unavailable: string }

/** The relying party of an operator plane with this public address, or why it can have no passkeys. */
export function relyingPartyAt(operatorUrl: string): RelyingPartyResult {
  const { protocol, hostname, origin } = new URL(operatorUrl)
  if (hostname.startsWith('[') || /^[\d.]+$/.test(hostname))
    return {
      unavailable: `browsers make no passkeys for the numeric address ${hostname}; open this page by a host name, which OTA_OPERATOR_URL says`,
    }
  const local = hostname === 'localhost' || hostname.endsWith('.localhost')
  if (protocol !== 'https:' && !local)
    return {
      unavailable: `browsers make passkeys over https only; OTA_OPERATOR_URL says ${origin}`,
    }
  return { party: { id: hostname, name: 'OTA control', origin } }
}
