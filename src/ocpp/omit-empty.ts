import { isJsonObject } from '../kernel/json.ts'
import type { MessageKind, Schema } from './schema.ts'
import { messageOf } from './validators.ts'
import type { Version } from './versions.ts'

/**
 * A payload of ours without the optional members that say nothing (undefined, null, empty text, empty list):
 * chargers stumble over them. Required ones stay as they are.
 */
export function omitEmpty(
  version: Version,
  kind: MessageKind,
  action: string,
  payload: object,
): Record<string, unknown> {
  const members = { ...payload } as Record<string, unknown>
  const schema = messageOf(version, kind, action)?.schema
  return schema === undefined ? members : (trim(schema, members) as Record<string, unknown>)
}

function trim(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value) && schema.items !== undefined) {
    const { items } = schema
    return value.map((item) => trim(items, item))
  }
  if (!isJsonObject(value) || schema.properties === undefined) return value
  const { properties, required = [] } = schema
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, item]): [string, unknown] => {
        const property = Object.hasOwn(properties, name) ? properties[name] : undefined
        return [name, property === undefined ? item : trim(property, item)]
      })
      .filter(([name, item]) => required.includes(name) || !saysNothing(item)),
  )
}

function saysNothing(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    (Array.isArray(value) && value.length === 0)
  )
}
