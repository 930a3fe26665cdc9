import { refuse } from './operation.ts'
import type { Refusal } from './operation.ts'

/**
 * A setting's key as operators write it. On OCPP 1.6 it is the configuration key itself. On 2.x it is
 * `Component/Variable`, with instances after `:`, the component's EVSE after `@`, and the attribute
 * after `#`: `OCPPCommCtrlr/MessageTimeout:Default`, `EVSE@1/Power#Target`, `Connector@1.2/Enabled`.
 */
export interface VariableKey {
  readonly component: {
    readonly name: string
    readonly instance?: string
    readonly evse?: { readonly id: number; readonly connectorId?: number }
  }
  readonly variable: { readonly name: string; readonly instance?: string }
  readonly attributeType?: 'Actual' | 'Target' | 'MinSet' | 'MaxSet'
}

const shape =
  /^(?<component>[^/:@#]{1,50})(?::(?<componentInstance>[^/:@#]{1,50}))?(?:@(?<evse>\d{1,4})(?:\.(?<connector>\d{1,4}))?)?\/(?<variable>[^/:@#]{1,50})(?::(?<instance>[^/:@#]{1,50}))?(?:#(?<attribute>Actual|Target|MinSet|MaxSet))?$/

export function parseVariableKey(key: string, field: string): VariableKey | Refusal {
  const parts = shape.exec(key)?.groups
  if (parts?.component === undefined || parts.variable === undefined) {
    return refuse(
      `on OCPP 2.x a setting is named Component/Variable (e.g. OCPPCommCtrlr/HeartbeatInterval), not ${key}`,
      field,
    )
  }
  const { component, componentInstance, evse, connector, variable, instance, attribute } = parts
  return {
    component: {
      name: component,
      ...(componentInstance === undefined ? {} : { instance: componentInstance }),
      ...(evse === undefined
        ? {}
        : {
            evse: {
              id: Number(evse),
              ...(connector === undefined ? {} : { connectorId: Number(connector) }),
            },
          }),
    },
    variable: { name: variable, ...(instance === undefined ? {} : { instance }) },
    ...(attribute === undefined
      ? {}
      : { attributeType: attribute as NonNullable<VariableKey['attributeType']> }),
  }
}

/** A component, or one of its variables: `EVSE@1`, `Connector@1.1/AvailabilityState`. */
export interface ComponentKey {
  readonly component: VariableKey['component']
  readonly variable?: VariableKey['variable']
}

export function parseComponentKey(key: string, field: string): ComponentKey | Refusal {
  if (key.includes('#'))
    return refuse('a component or variable is named here, without an attribute', field)
  const whole = key.includes('/') ? key : `${key}/Any`
  const parsed = parseVariableKey(whole, field)
  if ('refused' in parsed)
    return refuse(
      `on OCPP 2.x it is Component or Component/Variable (e.g. EVSE@1, AuthCtrlr/Enabled), not ${key}`,
      field,
    )
  const { component, variable } = parsed
  return whole === key ? { component, variable } : { component }
}

/** The inverse of `parseVariableKey`. */
export function variableKeyText(key: {
  readonly component: {
    readonly name: string
    readonly instance?: string
    readonly evse?: { readonly id: number; readonly connectorId?: number }
  }
  readonly variable: { readonly name: string; readonly instance?: string }
  readonly attributeType?: string
}): string {
  const { component, variable, attributeType } = key
  const place = component.evse
  return [
    component.name,
    component.instance === undefined ? '' : `:${component.instance}`,
    place === undefined ? '' : `@${place.id}`,
    place?.connectorId === undefined ? '' : `.${place.connectorId}`,
    '/',
    variable.name,
    variable.instance === undefined ? '' : `:${variable.instance}`,
    attributeType === undefined || attributeType === 'Actual' ? '' : `#${attributeType}`,
  ].join('')
}

/** Keys that hold a charger's credential. They are changed by key rotation only, never through a setting whose value is recorded. */
export function holdsSecret(key: string): boolean {
  return /(^|\/|:)(AuthorizationKey|BasicAuthPassword)|password/i.test(key)
}

/** Whether two texts say the same value: chargers change case, pad numbers and put spaces into lists. */
export function sameValue(one: string, other: string): boolean {
  return normalised(one) === normalised(other)
}

function normalised(value: string): string {
  const parts = value.split(',').map((part) => part.trim())
  return parts
    .map((part) => {
      if (/^(true|false)$/i.test(part)) return part.toLowerCase()
      return /^[+-]?\d+(\.\d+)?$/.test(part) && part.length < 16 ? String(Number(part)) : part
    })
    .join(',')
}
