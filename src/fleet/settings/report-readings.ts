import type { JsonObject } from '../../kernel/json.ts'
import type { SettingReading } from '../../operations/observation.ts'
import { holdsSecret, variableKeyText } from '../../operations/settings-key.ts'

interface ReportedAttribute {
  readonly type?: string
  readonly value?: unknown
  readonly mutability?: string
}

/** What a part of a device-model report says of settings, by key (OCPP 2.x NotifyReport, ReportDataType). */
export function readingsIn(items: readonly JsonObject[]): SettingReading[] {
  return items.flatMap((item) =>
    attributesOf(item).flatMap((attribute): SettingReading[] => {
      const key = keyOf(item, attribute)
      if (key === undefined) return []
      const told = typeof attribute.value === 'string' && !holdsSecret(key)
      const readonly = readonlyOf(attribute.mutability)
      return [
        {
          key,
          value: told ? (attribute.value as string) : null,
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
    const variableAttribute = attributes.map((one) => {
      if (!isSecret(item, one)) return one
      const { value: _value, ...rest } = one
      return rest
    })
    return { ...item, variableAttribute } as JsonObject
  })
}

function isSecret(item: JsonObject, attribute: ReportedAttribute): boolean {
  const key = keyOf(item, attribute)
  return key !== undefined && holdsSecret(key)
}

function attributesOf(item: JsonObject): readonly ReportedAttribute[] {
  const listed = item.variableAttribute
  if (!Array.isArray(listed)) return []
  return (listed as readonly unknown[]).filter(
    (one): one is ReportedAttribute => typeof one === 'object' && one !== null,
  )
}

function keyOf(item: JsonObject, { type }: ReportedAttribute): string | undefined {
  const { component, variable } = item as {
    component?: { name?: unknown; instance?: string; evse?: { id: number; connectorId?: number } }
    variable?: { name?: unknown; instance?: string }
  }
  if (typeof component?.name !== 'string' || typeof variable?.name !== 'string') return undefined
  const key = { component, variable } as Parameters<typeof variableKeyText>[0]
  return variableKeyText(type === undefined ? key : { ...key, attributeType: type })
}

function readonlyOf(mutability: string | undefined): boolean | undefined {
  if (mutability === 'ReadOnly') return true
  return mutability === undefined ? undefined : false
}
