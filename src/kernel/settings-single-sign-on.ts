import path from 'node:path'
import type { Host, Parsed, Setting } from './setting.ts'
import { url } from './setting.ts'

/** Settings of sign-in by an OpenID Connect provider. */
export interface SingleSignOnSettings {
  /** Undefined: no single sign-on. */
  readonly oidcIssuer: string | undefined
  readonly oidcClientId: string | undefined
  /** Absolute. */
  readonly oidcClientSecretFile: string | undefined
  readonly oidcScopes: string
  readonly oidcGroupClaim: string
  /** Absolute; undefined: groups give no roles. */
  readonly oidcRolesFile: string | undefined
  readonly oidcMfaAcr: readonly string[]
  readonly oidcMfaAmr: readonly string[]
  readonly oidcProvision: boolean
}

type Part = { readonly [K in keyof SingleSignOnSettings]: Setting<SingleSignOnSettings[K]> }

const file = {
  default: 'unset',
  values: 'a file',
  parse: (text: string, host: Host) => ({ value: path.resolve(host.folder, text) }),
  unset: () => undefined,
} as const

const words = {
  default: 'unset: nothing does',
  values: 'words separated by commas',
  parse: (text: string) => ({
    value: text
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
  }),
  unset: () => [],
} as const

export const singleSignOnSettings: Part = {
  oidcIssuer: {
    name: 'OTA_OIDC_ISSUER',
    default: 'unset: no single sign-on',
    values: '`https://host/path`',
    meaning:
      'The OpenID Connect provider people sign in with. Needs `OTA_OIDC_CLIENT_ID` and `OTA_OIDC_CLIENT_SECRET_FILE`.',
    parse: issuer,
    unset: () => undefined,
  },
  oidcClientId: {
    name: 'OTA_OIDC_CLIENT_ID',
    default: 'unset',
    values: 'a text',
    meaning: 'What the provider knows this installation by.',
    parse: (text) => ({ value: text }),
    unset: () => undefined,
  },
  oidcClientSecretFile: {
    name: 'OTA_OIDC_CLIENT_SECRET_FILE',
    ...file,
    meaning: 'Holds the client secret the provider gave.',
  },
  oidcScopes: {
    name: 'OTA_OIDC_SCOPES',
    default: 'openid profile email',
    values: 'words separated by spaces, `openid` among them',
    meaning: 'What the provider is asked for. Some tell groups only where `groups` is among them.',
    parse: (text) =>
      text.split(/\s+/).includes('openid')
        ? { value: text }
        : { problem: 'must be words separated by spaces, openid among them' },
    unset: () => 'openid profile email',
  },
  oidcGroupClaim: {
    name: 'OTA_OIDC_GROUP_CLAIM',
    default: 'groups',
    values: 'the name of a claim',
    meaning: 'Where the provider says which groups somebody is in.',
    parse: (text) => ({ value: text }),
    unset: () => 'groups',
  },
  oidcRolesFile: {
    name: 'OTA_OIDC_ROLES_FILE',
    ...file,
    default: 'unset: groups give no roles',
    meaning:
      'Which group gives which role: JSON, a list of `{"providerGroup": …, "role": …, "group": …}`, the last being the path of a group of ' +
      'chargers and left out for everywhere. Applied at every sign-in, also where somebody is no longer in a group.',
  },
  oidcMfaAcr: {
    name: 'OTA_OIDC_MFA_ACR',
    ...words,
    meaning:
      'Values of `acr` by which the provider says that it asked for several factors. They are also what it is asked for. ' +
      'Whoever comes without is asked for a second factor of ours.',
  },
  oidcMfaAmr: {
    name: 'OTA_OIDC_MFA_AMR',
    ...words,
    meaning: 'The same for values of `amr`, e.g. `mfa`.',
  },
  oidcProvision: {
    name: 'OTA_OIDC_PROVISION',
    default: '`off`',
    values: '`on` or `off`',
    meaning:
      'Whether somebody who comes by single sign-on for the first time, and has a role by their groups, gets an account. ' +
      'Without it they sign in with their account here first and link the two.',
    parse: (text) =>
      text === 'on' || text === 'off' ? { value: text === 'on' } : { problem: 'must be on or off' },
    unset: () => false,
  },
}

function isLocal({ hostname }: URL): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname) || hostname.endsWith('.localhost')
}

function issuer(text: string): Parsed<string> {
  const parsed = url(text, ['http:', 'https:'], 'https://login.example.com')
  if ('problem' in parsed) return parsed
  const given = new URL(text)
  return given.protocol === 'http:' && !isLocal(given)
    ? { problem: 'must begin with https, but for a provider on this machine' }
    : parsed
}

/** What of these settings does not go together, in sentences that name the variables. */
export function singleSignOnContradictions(given: Partial<SingleSignOnSettings>): string[] {
  if (given.oidcIssuer === undefined) return []
  const needed = [
    ['OTA_OIDC_CLIENT_ID', given.oidcClientId],
    ['OTA_OIDC_CLIENT_SECRET_FILE', given.oidcClientSecretFile],
  ] as const
  return needed
    .filter(([, value]) => value === undefined)
    .map(([name]) => `OTA_OIDC_ISSUER needs ${name}`)
}
