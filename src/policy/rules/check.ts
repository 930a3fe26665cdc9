import { isJsonObject, type Json } from '../../kernel/json.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { fieldPath, schemaCheck } from '../../kernel/schema-check.ts'
import { defaultRules, PolicyRulesSchema, type PolicyRules } from './rules.ts'

const rulesCheck = schemaCheck<PolicyRules>(PolicyRulesSchema)

/** The rules as they are, or a ProblemError that names the field by its path, e.g. `guards.resets.perDay`. */
export function checkRules(rules: unknown): PolicyRules {
  const check = rulesCheck()
  if (check(rules)) return rules
  const [error] = check.errors ?? []
  const params = (error?.params ?? {}) as { additionalProperty?: string; missingProperty?: string }
  const named = params.additionalProperty ?? params.missingProperty
  const below = named === undefined ? [] : [named]
  const path = fieldPath(error?.instancePath ?? '', ...below).replace(/^\./, '')
  const complaint =
    params.additionalProperty !== undefined
      ? 'there is no such rule'
      : params.missingProperty !== undefined
        ? 'it is needed'
        : (error?.message ?? 'it is not acceptable')
  throw new ProblemError('invalid-input', complaint, path === '' ? 'rules' : path)
}

/** The defaults with what is given in their place: figures one by one, lists as a whole. */
export function overDefaults(given: unknown): unknown {
  return merged(defaultRules, given as Json | undefined)
}

/** Rules with what is given in their place: figures one by one, lists as a whole. */
export function overRules(rules: PolicyRules, given: Json | undefined): unknown {
  return merged(rules, given)
}

function merged(base: Json, given: Json | undefined): Json {
  if (given === undefined) return base
  if (!isJsonObject(base) || !isJsonObject(given)) return given
  const names = new Set([...Object.keys(base), ...Object.keys(given)])
  return Object.fromEntries(
    [...names].map((name) => {
      const below = base[name]
      const over = given[name]
      return [name, below === undefined ? over! : merged(below, over)]
    }),
  )
}
