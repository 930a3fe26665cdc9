import type { FileLinks, FileProtocol } from '../operations/file-links.ts'
import type { Grant } from './grant.ts'
import { tokenOf } from './grant.ts'
import { linkName } from './names.ts'

/** What of the file plane is served, and under which address chargers are told it. */
export interface Served {
  /** `http:` or `https:`, without a slash at its end. */
  readonly web: string
  /** Ports on the host of `web`. */
  readonly ftp?: number
  readonly ftps?: number
  readonly sftp?: number
}

/** Where a charger knows several of ours: those first that nobody on the way can read. */
const preference = ['HTTPS', 'SFTP', 'FTPS', 'HTTP', 'FTP'] as const satisfies FileProtocol[]

/** Links as chargers are told them. They say all there is to know, so nothing is stored for them. */
export function fileLinks(secret: Buffer, served: Served): FileLinks {
  const web = new URL(served.web).protocol === 'https:' ? 'HTTPS' : 'HTTP'
  const { hostname } = new URL(served.web)
  const ports = { FTP: served.ftp, FTPS: served.ftps, SFTP: served.sftp } as const

  /** Every charger with a web client knows ours; the others are told only to who asks for them. */
  function choose(protocols: readonly FileProtocol[] | undefined): FileProtocol | undefined {
    if (protocols === undefined) return web
    return preference.find(
      (one) =>
        protocols.includes(one) &&
        (one === web || (one !== 'HTTP' && one !== 'HTTPS' && ports[one] !== undefined)),
    )
  }

  function link(grant: Grant, protocol: FileProtocol, name: string): string {
    const token = tokenOf(grant, secret)
    if (protocol === 'HTTP' || protocol === 'HTTPS')
      return `${served.web}/${grant.kind === 'upload' ? 'u' : 'd'}/${token}/${name}`
    // Some clients ask a person for a password where an URL has none.
    return `${protocol.toLowerCase()}://${token}:ota@${hostname}:${ports[protocol]}/${name}`
  }

  return {
    upload({ dispatch, until, protocols }) {
      const protocol = choose(protocols)
      // Chargers put the name of their file behind it, some without a slash of their own.
      return protocol && link({ kind: 'upload', dispatch, until }, protocol, '')
    },
    download({ dispatch, file, name, until, protocols }) {
      const protocol = choose(protocols)
      return protocol && link({ kind: 'download', dispatch, file, until }, protocol, linkName(name))
    },
  }
}
