import { areMeasurands } from './meter.ts'

/** What a setting may hold. Both generations of OCPP keep settings as text. */
export type ValueKind =
  | { readonly kind: 'text'; readonly max?: number; readonly min?: number }
  | { readonly kind: 'integer'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'measurands' }
  | { readonly kind: 'one-of'; readonly values: readonly string[] }
  | { readonly kind: 'list-of'; readonly values: readonly string[] }

export const text: ValueKind = { kind: 'text', max: 500 }
export const whole: ValueKind = { kind: 'integer', min: 0 }
export const flag: ValueKind = { kind: 'boolean' }
export const measurandList: ValueKind = { kind: 'measurands' }

/** Whether a text is acceptable for a kind of setting. */
export function isAcceptable(value: string, kind: ValueKind): boolean {
  switch (kind.kind) {
    case 'text':
      return value.length <= (kind.max ?? 500) && value.length >= (kind.min ?? 0)
    case 'integer': {
      if (!/^-?\d{1,10}$/.test(value)) return false
      const number = Number(value)
      return number >= (kind.min ?? -(2 ** 31)) && number <= (kind.max ?? 2 ** 31 - 1)
    }
    case 'boolean':
      return /^(true|false)$/i.test(value)
    case 'measurands':
      return areMeasurands(value)
    case 'one-of':
      return kind.values.includes(value)
    case 'list-of':
      return value.split(',').every((part) => kind.values.includes(part.trim()))
  }
}
