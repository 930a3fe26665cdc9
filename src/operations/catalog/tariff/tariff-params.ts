import Type from 'typebox'
import type { Static } from 'typebox'
import type { JsonObject } from '../../../kernel/json.ts'
import { strictRequest } from '../../../ocpp/validation.ts'
import type { OutboundRequest } from '../../../ocpp/versions.ts'
import { momentOf, momentParam } from '../../moments.ts'
import { refuse } from '../../operation.ts'
import type { Refusal } from '../../operation.ts'

const price = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000, description }))

/** A tariff in the words most need; `details` for the rest of OCPP 2.1's TariffType. */
export const tariffParams = {
  tariff: Type.String({
    minLength: 1,
    maxLength: 60,
    description: 'The tariff’s id, of your choice',
  }),
  currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217, e.g. EUR' }),
  perKwh: price('Price of a kWh, without tax'),
  perMinute: price('Price of a minute of charging, without tax'),
  perIdleMinute: price('Price of a minute in which the car is full and still there, without tax'),
  fixed: price('Price of a session, without tax'),
  taxPercent: Type.Optional(
    Type.Number({ minimum: 0, maximum: 100, description: 'On each of these prices' }),
  ),
  text: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1024, description: 'The price in words, to be shown' }),
  ),
  from: Type.Optional(momentParam('Valid from this time')),
  details: Type.Optional(
    Type.Unsafe<JsonObject>(
      Type.Object(
        {},
        {
          additionalProperties: true,
          description: 'Further members of OCPP 2.1 TariffType, as they are; they win',
        },
      ),
    ),
  ),
}

export type TariffParams = Static<Type.TObject<typeof tariffParams>>
export type Tariff = OutboundRequest<'2.1', 'SetDefaultTariff'>['tariff']

/** The tariff as OCPP 2.1 writes it, or what is wrong with it. */
export function tariffFor(asked: TariffParams): Tariff | Refusal {
  const from = asked.from === undefined ? undefined : momentOf(asked.from, 'from')
  if (from !== undefined && typeof from !== 'string') return from
  const taxRates = asked.taxPercent === undefined ? {} : { taxRates: [vat(asked.taxPercent)] }
  const { perKwh, perMinute, perIdleMinute, fixed, text } = asked
  const tariff = {
    tariffId: asked.tariff,
    currency: asked.currency,
    ...(perKwh === undefined ? {} : { energy: { prices: [{ priceKwh: perKwh }], ...taxRates } }),
    ...(perMinute === undefined
      ? {}
      : { chargingTime: { prices: [{ priceMinute: perMinute }], ...taxRates } }),
    ...(perIdleMinute === undefined
      ? {}
      : { idleTime: { prices: [{ priceMinute: perIdleMinute }], ...taxRates } }),
    ...(fixed === undefined ? {} : { fixedFee: { prices: [{ priceFixed: fixed }], ...taxRates } }),
    ...(text === undefined ? {} : { description: [{ format: 'UTF8', content: text }] }),
    ...(from === undefined ? {} : { validFrom: from }),
    ...asked.details,
  }
  const wrong = strictRequest('2.1', 'SetDefaultTariff', { evseId: 0, tariff })
  return wrong === undefined ? (tariff as Tariff) : refuse(`it is no tariff: ${wrong}`, 'details')
}

function vat(tax: number): { type: string; tax: number } {
  return { type: 'VAT', tax }
}

/** Why this is no tariff; undefined where it is one. */
export function tariffProblem(asked: TariffParams): Refusal | undefined {
  const tariff = tariffFor(asked)
  return 'refused' in tariff ? tariff : undefined
}

export const noTariffs = {
  '1.6': 'OCPP 1.6 has no tariffs; settings.write price-text shows a price where the charger can',
  '2.0.1':
    'OCPP 2.0.1 has no tariffs; settings.write price-text and display.show show a price, session.cost what it costs',
} as const
