import { createHash } from 'node:crypto'
import type { Claims } from './claims.ts'

const mostLetters = 64

/** Names for the account of somebody who comes for the first time, best first; the last one nobody else gets. */
export function accountNames(claims: Claims): string[] {
  const said = [claims['preferred_username'], claims['email'], claims.sub]
  const distinct = createHash('sha256').update(`${claims.iss} ${claims.sub}`).digest('hex')
  const names = said.flatMap((one) => (typeof one === 'string' ? plain(one) : []))
  const [best = 'person'] = names
  return [best, `${best.slice(0, mostLetters - 9)}-${distinct.slice(0, 8)}`]
}

/** In the letters names of accounts have; empty where nothing is left. */
function plain(text: string): string[] {
  const name = text
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9._@+-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, mostLetters)
  return name === '' ? [] : [name]
}
