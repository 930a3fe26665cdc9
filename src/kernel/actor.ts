/** Who does something, and from where. Travels with every call that changes anything, to the audit entry. */
export interface Actor {
  readonly kind: 'person' | 'robot' | 'system'
  /** Stable id, of a person, or of a robot's token. */
  readonly id: string
  readonly name: string
}

export interface Origin {
  readonly face: 'api' | 'cli' | 'console' | 'charger' | 'system'
  readonly address?: string
  readonly requestId?: string
}

/** What somebody can show to prove who they are. `single-sign-on-mfa`: the provider said that it asked for several factors. */
export type Factor =
  'password' | 'totp' | 'passkey' | 'recovery-code' | 'single-sign-on' | 'single-sign-on-mfa'

/** How an actor proved who it is. */
export interface Authentication {
  readonly by: 'session' | 'token'
  /** The session's or token's id; never its secret. */
  readonly id: string
  /** When each factor was last shown, ms since the epoch. Using or renewing a session moves none of them. */
  readonly factors: Readonly<Partial<Record<Factor, number>>>
  /** The use of a break-glass account this belongs to. */
  readonly breakGlass?: string
}

export interface Context {
  readonly actor: Actor
  readonly origin: Origin
  /** Absent where the product or a charger acts. */
  readonly authentication?: Authentication
}

/** Second factors: each shows more than that somebody knows a password. */
export const strongFactors: readonly Factor[] = [
  'totp',
  'passkey',
  'recovery-code',
  'single-sign-on-mfa',
]

/** When the actor last showed a second factor, ms since the epoch; undefined: never. */
export function strongSince({
  authentication,
}: Pick<Context, 'authentication'>): number | undefined {
  const times = strongFactors.flatMap((factor) => authentication?.factors[factor] ?? [])
  return times.length === 0 ? undefined : Math.max(...times)
}

/** The product acting by itself, e.g. an expiry or an effect seen. */
export const systemContext: Context = {
  actor: { kind: 'system', id: 'system', name: 'OTA control' },
  origin: { face: 'system' },
}
