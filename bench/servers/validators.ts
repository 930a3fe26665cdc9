import { Ajv } from 'ajv'
import type { ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import * as schemas from 'typed-ocpp/dist/ocpp16/schemas.js'

/** The published schemas of OCPP 1.6 requests, compiled with nothing else around them. */
export function requestValidators(actions: readonly string[]): Map<string, ValidateFunction> {
  const ajv = new Ajv({ strict: false, validateSchema: false, addUsedSchema: false })
  addFormats.default(ajv)
  const known = schemas as unknown as Readonly<Record<string, Record<string, unknown>>>
  return new Map(
    actions.map((action) => {
      // Their ids are no URIs, and their dialect is older than Ajv.
      const names = ['$schema', '$id', 'id']
      const parts = Object.entries(known[`${action}Request`]!)
      const schema = Object.fromEntries(parts.filter(([name]) => !names.includes(name)))
      return [action, ajv.compile(schema)]
    }),
  )
}
