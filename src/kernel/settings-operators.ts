import { isIP } from 'node:net'
import type { Parsed, Setting } from './setting.ts'
import { url } from './setting.ts'

/** Settings about the plane that people use. */
export interface OperatorSettings {
  /** What people have in their browser's address line; undefined: where the plane listens. Without a slash at its end. */
  readonly operatorUrl: string | undefined
  /** Addresses and networks (CIDR) whose word on where a request came from is believed. */
  readonly trustedProxies: readonly string[]
}

type Part = { readonly [K in keyof OperatorSettings]: Setting<OperatorSettings[K]> }

export const operatorSettings: Part = {
  operatorUrl: {
    name: 'OTA_OPERATOR_URL',
    default: 'unset: made of `OTA_OPERATOR_ADDRESS`',
    values: '`https://host` or `https://host:port`',
    meaning:
      'The address under which people reach the API and its pages, e.g. that of a proxy which speaks TLS. ' +
      'Links to enrol begin with it, cookies are bound to it, and with `https` they travel encrypted only.',
    parse: origin,
    unset: () => undefined,
  },
  trustedProxies: {
    name: 'OTA_TRUSTED_PROXIES',
    default: 'unset: nobody’s word is taken for where a request comes from',
    values: 'addresses and networks separated by commas, e.g. `10.0.0.5,fd00::/8`',
    meaning:
      'Proxies in front of the API whose `X-Forwarded-For` is believed. Without it everybody behind a proxy ' +
      'seems to come from its address: on the record, and where wrong passwords slow down a network.',
    parse: networks,
    unset: () => [],
  },
}

function networks(text: string): Parsed<readonly string[]> {
  const all = text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  return all.every(isNetwork)
    ? { value: all }
    : { problem: 'must be addresses or networks, separated by commas' }
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const most = isIP(address) === 6 ? 128 : 32
  const sane = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most)
  return isIP(address) !== 0 && sane && rest.length === 0
}

function origin(text: string): Parsed<string> {
  const parsed = url(text, ['http:', 'https:'], 'https://ota.example.com')
  if ('problem' in parsed) return parsed
  const { origin: only, href } = new URL(text)
  return href === `${only}/` ? { value: only } : { problem: 'must be an URL without a path' }
}
