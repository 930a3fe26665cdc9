import type { Json, JsonObject } from '../kernel/json.ts'

/*
 * A secret that a CALL carries is not part of its plan: plans are stored, recorded and shown. Where it
 * belongs stands a text that says so, and it is put in at the moment the CALL is handed to the gateway.
 */

/** Stands for the charger's new credential, in an operation that seals one. */
export const sealedCredential = '[made when it is sent]'

/** The payload with the secret where it belongs. */
export function unsealed(payload: JsonObject, secret: string): JsonObject {
  return filled(payload, secret) as JsonObject
}

function filled(value: Json, secret: string): Json {
  if (value === sealedCredential) return secret
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map((member) => filled(member, secret))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, filled(member, secret)]),
  )
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
