import { Ajv } from 'ajv'
import type { ValidateFunction } from 'ajv'
import type { MessageKind, Schema } from './schema.ts'
import { readSchema } from './schemas.ts'
import { isRfc3339 } from './time.ts'
import type { Version } from './versions.ts'

/** One kind of message of one version, with its compiled schema. */
export interface Message {
  readonly version: Version
  readonly kind: MessageKind
  readonly action: string
  readonly schema: Schema
  /** Changes nothing, and stops at the first error, which it leaves in `errors`. */
  readonly accepts: ValidateFunction
}

type Cache = Readonly<Record<MessageKind, Map<string, Message>>>

const cache: Readonly<Record<Version, Cache>> = {
  '1.6': { request: new Map(), response: new Map() },
  '2.0.1': { request: new Map(), response: new Map() },
  '2.1': { request: new Map(), response: new Map() },
}

const ajv = new Ajv({
  strict: true,
  logger: false,
  validateSchema: false,
  addUsedSchema: false,
  // Lengths in UTF-16 units cost nothing to know; a text too long only in units is counted again in characters when mended.
  unicode: false,
  multipleOfPrecision: 6,
  formats: {
    'date-time': { type: 'string', validate: isRfc3339 },
    uri: { type: 'string', validate: (text: string) => URL.canParse(text) },
  },
})
ajv.addKeyword({ keyword: 'softBounds', schemaType: 'array' })

/** The message of this name, compiled on first use; undefined where the version has none. */
export function messageOf(
  version: Version,
  kind: MessageKind,
  action: string,
): Message | undefined {
  const known = cache[version][kind]
  const cached = known.get(action)
  if (cached !== undefined) return cached
  const schema = readSchema(version, kind, action)
  if (schema === undefined) return undefined
  const message = { version, kind, action, schema, accepts: ajv.compile(schema) }
  known.set(action, message)
  return message
}
