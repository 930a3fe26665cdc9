import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import type { SettingReading } from '../../operations/observation.ts'
import { holdsSecret, variableKeyText } from '../../operations/settings-key.ts'

/** What a part of a device-model report says of settings, by key (OCPP 2.x NotifyReport, ReportDataType). */
export function readingsIn(items: readonly JsonObject[]): SettingReading[] {
  return items.flatMap((item) =>
    attributesOf(item).flatMap((attribute): SettingReading[] => {
      const key = keyOf(item, attribute)
      if (key === undefined) return []
      const { value } = attribute
      const readonly = readonlyOf(attribute.mutability)
      return [
        {
          key,
          value: typeof value === 'string' && !holdsSecret(key) ? value : null,
          ...(readonly === undefined ? {} : { readonly }),
        },
      ]
    }),
  )
}

/** The part as it may be kept: without the values of credentials, which no charger should tell and some do. */
export function withoutSecrets(items: readonly JsonObject[]): readonly JsonObject[] {
  return items.map((item) => {
    const attributes = attributesOf(item)
    const secret = attributes.some((one) => 'value' in one && isSecret(item, one))
    if (!secret) return item
    const variableAttribute = attributes.map((one) => (isSecret(item, one) ? untold(one) : one))
    return { ...item, variableAttribute }
  })
}

function untold(attribute: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(attribute).filter(([name]) => name !== 'value'))
}

function isSecret(item: JsonObject, attribute: JsonObject): boolean {
  const key = keyOf(item, attribute)
  return key !== undefined && holdsSecret(key)
}

function attributesOf(item: JsonObject): readonly JsonObject[] {
  const listed = item.variableAttribute
  if (!Array.isArray(listed)) return []
  return (listed as readonly Json[]).filter((one): one is JsonObject => isJsonObject(one))
}

function keyOf(item: JsonObject, { type }: JsonObject): string | undefined {
  const { component, variable } = item as {
    component?: { name?: unknown; instance?: string; evse?: { id: number; connectorId?: number } }
    variable?: { name?: unknown; instance?: string }
  }
  if (typeof component?.name !== 'string' || typeof variable?.name !== 'string') return undefined
  const key = { component, variable } as Parameters<typeof variableKeyText>[0]
  return variableKeyText(typeof type === 'string' ? { ...key, attributeType: type } : key)
}

function readonlyOf(mutability: Json | undefined): boolean | undefined {
  if (typeof mutability !== 'string') return undefined
  return mutability === 'ReadOnly'
}
