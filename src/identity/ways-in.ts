import { readFile } from 'node:fs/promises'
import type { SingleSignOnSettings } from '../kernel/settings-single-sign-on.ts'
import { openBreakGlass, type BreakGlass, type BreakGlassParts } from './break-glass/break-glass.ts'
import type { Identity } from './identity.ts'
import { insertPerson } from './people/store.ts'
import { openProvider } from './single-sign-on/provider.ts'
import { parseRoleMapping } from './single-sign-on/role-mapping.ts'
import {
  openSingleSignOn,
  type SingleSignOn,
  type SingleSignOnParts,
} from './single-sign-on/single-sign-on.ts'

/** Where the provider sends browsers back to, below the operator plane's address. */
export const callbackPath = '/api/v1/single-sign-on/callback'

/** Ways of coming in beside password and code. */
export interface WaysIn {
  readonly breakGlass: BreakGlass
  /** Undefined: no provider is configured. */
  readonly singleSignOn: SingleSignOn | undefined
}

export interface OpenWaysIn extends WaysIn {
  close(): void
}

export interface WaysInParts extends Omit<BreakGlassParts, 'sessions'> {
  readonly identity: Identity
  readonly settings: SingleSignOnSettings
  readonly operatorUrl: () => string
  readonly followGroups: SingleSignOnParts['followGroups']
}

export async function openWaysIn(parts: WaysInParts): Promise<OpenWaysIn> {
  const singleSignOn = await configuredSignOn(parts)
  const breakGlass = openBreakGlass({ ...parts, sessions: parts.identity.sessions })
  return { breakGlass, singleSignOn, close: () => breakGlass.close() }
}

async function configuredSignOn(parts: WaysInParts): Promise<SingleSignOn | undefined> {
  const { settings, identity, operatorUrl } = parts
  const { oidcIssuer: issuer, oidcClientId: clientId, oidcClientSecretFile: secretFile } = settings
  if (issuer === undefined || clientId === undefined || secretFile === undefined) return undefined
  const clientSecret = (await readNamed('OTA_OIDC_CLIENT_SECRET_FILE', secretFile)).trim()
  const mapping =
    settings.oidcRolesFile === undefined ? [] : await readMapping(settings.oidcRolesFile)
  const provider = openProvider(
    {
      ...{ issuer, clientId, clientSecret, scopes: settings.oidcScopes },
      ...{ groupClaim: settings.oidcGroupClaim, acrValues: settings.oidcMfaAcr },
    },
    parts,
  )
  return openSingleSignOn({
    ...parts,
    sessions: identity.sessions,
    ...{ provider, issuer, mapping, groupClaim: settings.oidcGroupClaim },
    mfa: { acr: settings.oidcMfaAcr, amr: settings.oidcMfaAmr },
    provision: settings.oidcProvision,
    redirectUri: () => `${operatorUrl()}${callbackPath}`,
    addPerson: (tx, { id, name, displayName, at }) =>
      insertPerson(tx, {
        ...{ id, name, displayName, passwordHash: null, passwordSetAt: null },
        ...{ initialRole: null, createdAt: at, lockedAt: null, lockReason: null },
      }),
    async personOf(id) {
      const person = await identity.people.find({ id })
      return person && { displayName: person.displayName, locked: person.lockedAt !== null }
    },
  })
}

async function readMapping(file: string) {
  const text = await readNamed('OTA_OIDC_ROLES_FILE', file)
  try {
    return parseRoleMapping(text)
  } catch (error) {
    throw new Error(`OTA_OIDC_ROLES_FILE ${file}: ${(error as Error).message}`, { cause: error })
  }
}

async function readNamed(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new Error(`${setting}: ${(error as Error).message}`, { cause: error })
  }
}
