/** What somebody goes to the provider for. */
export type Purpose =
  | { readonly kind: 'sign-in'; readonly loopback?: Loopback }
  /** To show their factors again, in a session they have. */
  | {
      readonly kind: 'step-up'
      readonly person: string
      readonly session: string
      readonly maxAgeSeconds: number
    }
  /** To make the provider's account theirs. */
  | { readonly kind: 'link'; readonly person: string; readonly session: string }

/** A program on the person's own machine that waits for the end of the sign-in. */
export interface Loopback {
  readonly port: number
  /** SHA-256 (base64url) of a secret that only the program has. */
  readonly challenge: string
}
