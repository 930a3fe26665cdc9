/** What one setting is, and how the values of settings are read. */

/** Where a listener listens. Port 0 lets the system choose. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** What defaults depend on, besides the environment. */
export interface Host {
  readonly folder: string
  readonly name: string
  readonly pid: number
}

export type Parsed<T> = { readonly value: T } | { readonly problem: string }

export interface Setting<T> {
  readonly name: string
  /** As the reference page shows it. */
  readonly default: string
  /** What may be given, in words. */
  readonly values: string
  readonly meaning: string
  /** Its value is never repeated, not even in an error. */
  readonly secret?: true
  parse(text: string, host: Host): Parsed<T>
  /** The value when the variable is not set, or empty. */
  readonly unset: (host: Host) => T
}

export function oneOf<const T extends string>(allowed: readonly T[], text: string): Parsed<T> {
  const value = allowed.find((one) => one === text)
  return value === undefined ? { problem: `must be one of ${allowed.join(', ')}` } : { value }
}

export function address(text: string): Parsed<Address> {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535)
    return { problem: 'must be host:port, e.g. 127.0.0.1:8080 or [::1]:8080' }
  return { value: { host: (match[1] ?? match[2])!, port } }
}

export function url(text: string, protocols: readonly string[], example: string): Parsed<string> {
  if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol))
    return { problem: `must be an URL like ${example}` }
  return { value: text }
}

export function wholeNumber(text: string, least: number, most: number): Parsed<number> {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most))
    return { problem: `must be a whole number from ${least} to ${most}` }
  return { value }
}

/** Whether two listeners cannot live beside each other. */
export function collide(one: Address | undefined, other: Address | undefined): boolean {
  if (one === undefined || other === undefined || one.port === 0) return false
  const everywhere = (address: Address): boolean => ['0.0.0.0', '::'].includes(address.host)
  return (
    one.port === other.port && (one.host === other.host || everywhere(one) || everywhere(other))
  )
}
