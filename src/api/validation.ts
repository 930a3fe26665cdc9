import type { Ajv, ErrorObject, Options, ValidateFunction } from 'ajv'
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { ProblemError } from '../kernel/problem.ts'
import { schemaCompiler } from '../kernel/schema-check.ts'
import { invalidField } from './invalid-field.ts'
import { sharedSchemas } from './schemas/shared.ts'

function ajv(options: Options): Ajv {
  const made = schemaCompiler({
    verbose: true,
    useDefaults: true,
    removeAdditional: false,
    ...options,
  })
  for (const schema of sharedSchemas) made.addSchema(schema)
  return made
}

/**
 * Checks requests against their route's schemas. Text from the address is turned into the number or
 * boolean asked for; a body is taken as it is, and nothing in it is dropped.
 * With `judgesBody: false` the body is left to the route's own judgement. A schema is compiled when its route
 * is first asked.
 */
export function requestValidator(
  options: { readonly judgesBody?: boolean } = {},
): FastifySchemaCompiler<TSchema> {
  const ofBody = ajv({ coerceTypes: false })
  const ofAddress = ajv({ coerceTypes: 'array' })
  return ({ schema, httpPart }) => {
    const part =
      httpPart === 'querystring' || httpPart === 'params' || httpPart === 'headers'
        ? httpPart
        : 'body'
    if (part === 'body' && options.judgesBody === false) return () => true
    let validate: ValidateFunction | undefined
    return (data: unknown) => {
      validate ??= (part === 'body' ? ofBody : ofAddress).compile(schema)
      const problem = unstorable(data)
      if (problem !== undefined) return { error: problem }
      if (validate(data)) return { value: data }
      return { error: refusal(validate.errors ?? [], part) }
    }
  }
}

function refusal(
  errors: ErrorObject[],
  part: 'body' | 'querystring' | 'params' | 'headers',
): Error {
  const { code, detail, field } = invalidField(errors, part)
  return new ProblemError(code, detail, field)
}

const maxDepth = 32

/**
 * Text no database keeps (the NUL character, half a surrogate pair), and nesting deep enough to
 * exhaust whoever walks it. Walks without recursion.
 */
export function unstorable(root: unknown): ProblemError | undefined {
  const waiting: { value: unknown; field: string; depth: number }[] = [
    { value: root, field: '', depth: 0 },
  ]
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    const { value, field, depth } = entry
    if (typeof value === 'string') {
      if (value.includes('\u0000')) return bad('must not contain the NUL character', field)
      if (!value.isWellFormed()) return bad('must be well-formed Unicode', field)
    }
    if (typeof value !== 'object' || value === null) continue
    if (depth >= maxDepth)
      return bad(`must not be nested deeper than ${maxDepth} levels`, field.split(/[.[]/, 1)[0]!)
    const list = Array.isArray(value)
    for (const [key, child] of Object.entries(value)) {
      if (key.includes('\u0000') || !key.isWellFormed())
        return bad('has a property whose name is not plain text', field)
      waiting.push({
        value: child,
        field: list ? `${field}[${key}]` : field === '' ? key : `${field}.${key}`,
        depth: depth + 1,
      })
    }
  }
  return undefined
}

function bad(complaint: string, field: string): ProblemError {
  return field === ''
    ? new ProblemError('invalid-input', `the request ${complaint}`)
    : new ProblemError('invalid-input', `${field} ${complaint}`, field)
}
