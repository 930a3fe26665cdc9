/** Who does something, and from where. Travels with every call that changes anything, to the audit entry. */
export interface Actor {
  readonly kind: 'person' | 'robot' | 'system'
  /** Stable id, e.g. `owner` or a token's id. */
  readonly id: string
  readonly name: string
}

export interface Origin {
  readonly face: 'api' | 'cli' | 'console' | 'charger' | 'system'
  readonly address?: string
  readonly requestId?: string
}

export interface Context {
  readonly actor: Actor
  readonly origin: Origin
}

/** The product acting by itself, e.g. an expiry or an effect seen. */
export const systemContext: Context = {
  actor: { kind: 'system', id: 'system', name: 'OTA control' },
  origin: { face: 'system' },
}
