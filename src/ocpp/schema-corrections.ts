import type { MessageKind, Schema } from './schema.ts'
import type { Version } from './versions.ts'

/**
 * What the specification's text asks for and the published schemas do not say. Values beyond these
 * bounds are recorded as violations and kept, so nothing a charger means is lost.
 */
export interface SchemaCorrection {
  /** Property names from the payload down, `*` for the elements of a list. */
  readonly path: string
  readonly amend: Partial<Schema>
  readonly because: string
}

type Bounds = Partial<Record<NonNullable<Schema['softBounds']>[number], number>>

function bound(path: string, bounds: Bounds, because: string): SchemaCorrection {
  const softBounds = Object.keys(bounds) as (keyof Bounds)[]
  return { path, amend: { ...bounds, softBounds }, because }
}

const corrections: Readonly<Record<string, readonly SchemaCorrection[]>> = {
  '1.6 BootNotification request': [
    bound('chargePointVendor', { minLength: 1 }, '1.6 6.3: identifies the vendor'),
    bound('chargePointModel', { minLength: 1 }, '1.6 6.3: identifies the model'),
  ],
  '1.6 Authorize request': [bound('idTag', { minLength: 1 }, '1.6 6.1: the identifier itself')],
  '1.6 StartTransaction request': [
    bound('connectorId', { minimum: 1 }, '1.6 6.45: connectorId > 0'),
    bound('idTag', { minLength: 1 }, '1.6 6.45: the identifier itself'),
  ],
  '1.6 StatusNotification request': [
    bound('connectorId', { minimum: 0 }, '1.6 6.47: connectorId >= 0'),
    bound('info', { maxLength: 50 }, '1.6 6.47: CiString50Type'),
  ],
  '1.6 MeterValues request': [
    bound('connectorId', { minimum: 0 }, '1.6 6.31: connectorId >= 0'),
    bound('meterValue', { minItems: 1 }, '1.6 6.31: cardinality 1..*'),
    bound('meterValue/*/sampledValue', { minItems: 1 }, '1.6 MeterValue: cardinality 1..*'),
  ],
  '1.6 StopTransaction request': [
    bound('transactionData/*/sampledValue', { minItems: 1 }, '1.6 MeterValue: cardinality 1..*'),
  ],
  '1.6 GetConfiguration response': [
    bound('configurationKey/*/value', { maxLength: 500 }, '1.6 KeyValue: CiString500Type'),
  ],
}

export function correctionsOf(
  version: Version,
  action: string,
  kind: MessageKind,
): readonly SchemaCorrection[] {
  return corrections[`${version} ${action} ${kind}`] ?? []
}
