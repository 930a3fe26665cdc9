export type MessageKind = 'request' | 'response'

/** The part of JSON Schema that OCPP's own schemas use, with every reference resolved. */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: false
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly enum?: readonly string[]
  readonly minLength?: number
  readonly maxLength?: number
  readonly format?: 'date-time' | 'uri'
  readonly minimum?: number
  readonly maximum?: number
  readonly multipleOf?: number
  /** Ours: a value beyond these of its bounds is recorded and kept, because its meaning is clear all the same. */
  readonly softBounds?: readonly ('minLength' | 'maxLength' | 'minimum' | 'minItems')[]
}
