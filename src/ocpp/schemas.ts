import * as schemas16 from 'typed-ocpp/dist/ocpp16/schemas.js'
import * as schemas20 from 'typed-ocpp/dist/ocpp20/schemas.js'
import * as schemas21 from 'typed-ocpp/dist/ocpp21/schemas.js'
import type { MessageKind, Schema } from './schema.ts'
import { correctionsOf } from './schema-corrections.ts'
import type { Version } from './versions.ts'

interface RawSchema extends Omit<Schema, 'properties' | 'items'> {
  readonly $ref?: string
  readonly definitions?: Readonly<Record<string, RawSchema>>
  readonly properties?: Readonly<Record<string, RawSchema>>
  readonly items?: RawSchema
  readonly additionalProperties?: false
}

type RawSchemas = Readonly<Record<string, RawSchema | undefined>>

const raw: Readonly<Record<Version, RawSchemas>> = {
  '1.6': schemas16,
  '2.0.1': schemas20,
  '2.1': schemas21,
}

/** SENDs have no response and so no suffix (OCPP 2.1 part 2, 1.60 NotifyPeriodicEventStream). */
const unsuffixed: ReadonlySet<string> = new Set(['NotifyPeriodicEventStream'])

/**
 * The schema of a message, references resolved, keywords without effect left out, corrections applied.
 * Undefined where the version has no such message. Makes a new object every time; keep it.
 */
export function readSchema(
  version: Version,
  kind: MessageKind,
  action: string,
): Schema | undefined {
  const suffix = kind === 'request' ? 'Request' : 'Response'
  const isSend = unsuffixed.has(action)
  if (isSend && kind === 'response') return undefined
  const name = isSend ? action : action + suffix
  const source = Object.hasOwn(raw[version], name) ? raw[version][name] : undefined
  if (source === undefined) return undefined
  const resolved = resolve(source, source.definitions ?? {}, [])
  return correctionsOf(version, action, kind).reduce(
    (schema, correction) => amend(schema, correction.path.split('/'), correction.amend),
    resolved,
  )
}

const plainKeywords = [
  'type',
  'required',
  'minItems',
  'maxItems',
  'enum',
  'minLength',
  'maxLength',
  'format',
  'minimum',
  'maximum',
  'multipleOf',
] as const satisfies readonly (keyof Schema)[]

function resolve(
  source: RawSchema,
  definitions: Readonly<Record<string, RawSchema>>,
  within: readonly string[],
): Schema {
  if (source.$ref !== undefined) {
    const name = source.$ref.slice('#/definitions/'.length)
    const target = definitions[name]
    if (target === undefined || within.includes(name))
      throw new Error(`the schema definition ${name} is missing or contains itself`)
    return resolve(target, definitions, [...within, name])
  }
  const kept = Object.fromEntries(
    plainKeywords
      .filter((keyword) => source[keyword] !== undefined)
      .map((keyword) => [keyword, source[keyword]]),
  )
  const below = (schema: RawSchema): Schema => resolve(schema, definitions, within)
  return {
    ...kept,
    ...(source.type === 'object' &&
      source.additionalProperties === false && { additionalProperties: false }),
    ...(source.items !== undefined && { items: below(source.items) }),
    ...(source.properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(source.properties).map(([name, schema]) => [name, below(schema)]),
      ),
    }),
  }
}

/** A copy with the keywords added at a path of property names, `*` standing for list elements. */
function amend(schema: Schema, path: readonly string[], keywords: Partial<Schema>): Schema {
  const [step, ...rest] = path
  if (step === undefined || step === '') return { ...schema, ...keywords }
  const child = step === '*' ? schema.items : schema.properties?.[step]
  if (child === undefined) throw new Error(`a schema correction names ${step}, which is not there`)
  const amended = amend(child, rest, keywords)
  return step === '*'
    ? { ...schema, items: amended }
    : { ...schema, properties: { ...schema.properties, [step]: amended } }
}
