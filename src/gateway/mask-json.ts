import { jsonText, readJson } from '../ocpp/json-text.ts'

/**
 * Masks the credentials in a frame that is good JSON, and leaves everything beside them readable: of fifty
 * settings, the one that is a secret.
 */

const hidden = '***'

/** Members that name something or say how it is, and never hold a secret. */
const harmless: ReadonlySet<string> = new Set([
  'key',
  'unknownKey',
  'name',
  'instance',
  'vendorId',
  'messageId',
  'type',
  'status',
  'readonly',
  'mutability',
  'attributeType',
  'attributeStatus',
  'reasonCode',
  'timestamp',
  'eventId',
])

/**
 * The frame as text with its credentials masked; undefined where it is no JSON, or nested beyond any OCPP
 * message. `names`: what a credential
 * is called.
 */
export function maskJson(frame: string, names: RegExp): string | undefined {
  const reading = readJson(frame)
  return reading.ok ? jsonText(masked(reading.value, names)) : undefined
}

function masked(value: unknown, names: RegExp): unknown {
  // What is more than the name itself may quote what it names.
  if (typeof value === 'string') return names.test(value) && /\W/.test(value) ? hidden : value
  if (Array.isArray(value)) return value.map((item) => masked(item, names))
  if (typeof value !== 'object' || value === null) return value
  const secret = namesSecret(value, names)
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, unknown]) => [
      name,
      maskedMember(name, member, { secret, names }),
    ]),
  )
}

function maskedMember(
  name: string,
  member: unknown,
  { secret, names }: { readonly secret: boolean; readonly names: RegExp },
): unknown {
  // In the settings of a VPN `key` is its shared secret (OCPP 2.x VPNType).
  if (name === 'vpn' && isObject(member)) return maskedVpn(member, names)
  if (names.test(name)) return hidden
  if (harmless.has(name)) return member
  if (secret && name !== 'variable' && name !== 'component') return hidden
  return masked(member, names)
}

function maskedVpn(vpn: object, names: RegExp): unknown {
  const rest = masked(vpn, names) as Record<string, unknown>
  return 'key' in rest ? { ...rest, key: hidden } : rest
}

/** It says, by itself or with its `variable` or `component`, that it is about a credential. */
function namesSecret(members: object, names: RegExp): boolean {
  return Object.entries(members).some(([name, member]: [string, unknown]) => {
    if (typeof member === 'string') return harmless.has(name) && names.test(member)
    if (!isObject(member) || (name !== 'variable' && name !== 'component')) return false
    return namesSecret(member, names)
  })
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
