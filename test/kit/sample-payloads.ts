import fc from 'fast-check'
import type { MessageKind, Schema } from '../../src/ocpp/schema.ts'
import { readSchema } from '../../src/ocpp/schemas.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import { inboundActions, outboundActions, versions } from '../../src/ocpp/versions.ts'

export interface MessageName {
  readonly version: Version
  readonly kind: MessageKind
  readonly action: string
}

/** Every message of every version that has a payload schema. */
export function allMessages(): readonly MessageName[] {
  return versions.flatMap((version) =>
    [...new Set([...inboundActions(version), ...outboundActions(version)])].flatMap((action) =>
      (['request', 'response'] as const)
        .filter((kind) => readSchema(version, kind, action) !== undefined)
        .map((kind) => ({ version, kind, action })),
    ),
  )
}

/** A valid payload: `minimal` has the required members only, `full` every one. Always the same. */
export function samplePayload(
  { version, kind, action }: MessageName,
  extent: 'minimal' | 'full',
): Record<string, unknown> {
  return sampleOf(schemaOf({ version, kind, action }), extent) as Record<string, unknown>
}

/** Valid payloads of a message in all their variety. */
export function payloads(message: MessageName): fc.Arbitrary<Record<string, unknown>> {
  return anyOf(schemaOf(message)) as fc.Arbitrary<Record<string, unknown>>
}

function schemaOf({ version, kind, action }: MessageName): Schema {
  const schema = readSchema(version, kind, action)
  if (schema === undefined) throw new Error(`OCPP ${version} has no ${kind} ${action}`)
  return schema
}

function sampleOf(schema: Schema, extent: 'minimal' | 'full'): unknown {
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([name]) => extent === 'full' || schema.required?.includes(name) === true)
          .map(([name, property]) => [name, sampleOf(property, extent)]),
      )
    case 'array': {
      const length = Math.max(schema.minItems ?? 0, extent === 'full' ? 1 : 0)
      return Array.from({ length }, () => sampleOf(schema.items ?? {}, extent))
    }
    case 'integer':
    case 'number':
      return Math.min(Math.max(schema.minimum ?? 1, 1), schema.maximum ?? 1)
    case 'boolean':
      return true
    case 'string':
      if (schema.enum !== undefined) return schema.enum[0]
      if (schema.format === 'date-time') return '2026-01-01T12:00:00Z'
      if (schema.format === 'uri') return 'https://example.com/file'
      return 'sample'.slice(0, schema.maxLength)
    case undefined:
    default:
      return 'anything'
  }
}

function anyOf(schema: Schema): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'object': {
      const properties = Object.entries(schema.properties ?? {})
      return fc.record(
        Object.fromEntries(properties.map(([name, property]) => [name, anyOf(property)])),
        { requiredKeys: [...(schema.required ?? [])], noNullPrototype: true },
      )
    }
    case 'array':
      return fc.array(anyOf(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 2, 2),
      })
    case 'integer':
      return fc.integer({
        min: Math.ceil(schema.minimum ?? -(2 ** 31)),
        max: Math.floor(schema.maximum ?? 2 ** 31),
      })
    case 'number': {
      const tenths = fc.integer({
        min: Math.ceil((schema.minimum ?? -1e6) * 10),
        max: Math.floor((schema.maximum ?? 1e6) * 10),
      })
      return tenths.map((number) => number / 10)
    }
    case 'boolean':
      return fc.boolean()
    case 'string':
      return anyText(schema)
    case undefined:
    default:
      return fc.constantFrom<unknown>('text', 5, true, { nested: ['value'] }, ['a'])
  }
}

function anyText(schema: Schema): fc.Arbitrary<string> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.format === 'uri') return fc.webUrl()
  if (schema.format === 'date-time')
    return fc
      .date({ min: new Date(0), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })
      .map((date) => date.toISOString())
  return fc.string({
    minLength: schema.minLength ?? 0,
    maxLength: Math.min(schema.maxLength ?? 40, 40),
  })
}
