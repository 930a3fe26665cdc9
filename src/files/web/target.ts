import { unescaped } from '../names.ts'

/** What an address of the file plane names. */
export interface Target {
  readonly kind: 'upload' | 'download'
  readonly token: string
  /** What the charger put behind it: the name of its file. */
  readonly name: string | undefined
}

const shape = /^\/(?:[^?#]*?\/)?([ud])\/(ota[ud]\.[A-Za-z0-9_-]{1,200})(?:\/([^?#]*))?(?:[?#].*)?$/s

/**
 * Reads `/u/<token>/<anything>` and `/d/<token>/<name>`, behind whatever path a proxy leaves before
 * them. Of anything that follows only the last segment is looked at, as a name.
 */
export function targetOf(url: string): Target | undefined {
  const match = shape.exec(url)
  if (match === null) return undefined
  const [, kind, token, rest = ''] = match
  const last = rest
    .split('/')
    .filter((segment) => segment !== '')
    .at(-1)
  return {
    kind: kind === 'u' ? 'upload' : 'download',
    token: token!,
    name: last === undefined ? undefined : unescaped(last),
  }
}
