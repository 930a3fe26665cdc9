import { Ajv, type Options, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'

/**
 * Compiles our own schemas, which are taken to be valid: that they are is tested, and need not cost every
 * start. Unknown keywords are left alone, as OpenAPI has some of its own.
 */
export function schemaCompiler(options: Options = {}): Ajv {
  const ajv = new Ajv({ strict: false, validateSchema: false, ...options })
  addFormats.default(ajv)
  return ajv
}

const ajv = schemaCompiler()

/** A check of values against a schema, compiled when it is first asked for; it stops at the first error. */
export function schemaCheck<Value>(schema: object): () => ValidateFunction<Value> {
  let compiled: ValidateFunction<Value> | undefined
  return () => (compiled ??= ajv.compile<Value>(schema))
}

/** A JSON Pointer as our problems name fields, and what lies below it: `/target/chargers/0` is `.target.chargers[0]`. */
export function fieldPath(pointer: string, ...below: readonly string[]): string {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  return [...parts, ...below]
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
    .join('')
}
