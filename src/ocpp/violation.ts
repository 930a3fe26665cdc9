/** Something a charger said that its OCPP version does not allow, kept so that inconsistent models become visible. */
export interface Violation {
  readonly kind: ViolationKind
  /** The action concerned, where it could be read. */
  readonly action?: string
  /** Where in the payload, as a JSON pointer. */
  readonly path?: string
  /** What was wrong, for a person. */
  readonly detail: string
}

export const violationKinds = [
  'malformed-json',
  'malformed-envelope',
  'message-id',
  'unknown-action',
  'payload-invalid',
  'integer-range',
  'unexpected-answer',
  'answer-invalid',
  'not-allowed-now',
  'handshake',
] as const
export type ViolationKind = (typeof violationKinds)[number]
