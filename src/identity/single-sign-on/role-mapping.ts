import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { Grant } from '../tokens/token.ts'

const MappingSchema = Type.Array(
  Type.Object(
    {
      providerGroup: Type.String({ minLength: 1, maxLength: 500 }),
      role: Type.String({ minLength: 1, maxLength: 100 }),
      group: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    },
    { additionalProperties: false },
  ),
  { maxItems: 1_000 },
)

/** Which group at the provider gives which role, in which of our groups of chargers; without one everywhere. */
export type RoleMapping = Readonly<Static<typeof MappingSchema>>

/** Reads a mapping from its file's text; throws with a sentence that says what is wrong. */
export function parseRoleMapping(text: string): RoleMapping {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Error('it is not JSON')
  }
  const [first] = Value.Errors(MappingSchema, value)
  if (first !== undefined)
    throw new Error(
      `a list of {"providerGroup": …, "role": …, "group": …} is needed: ${first.instancePath} ${first.message}`,
    )
  return value as RoleMapping
}

/** The roles these groups give, each once. */
export function grantsOf(providerGroups: readonly string[], mapping: RoleMapping): Grant[] {
  const grants = mapping
    .filter(({ providerGroup }) => providerGroups.includes(providerGroup))
    .map(({ role, group }) => ({ role, group: group ?? null }))
  const distinct = new Map(grants.map((one) => [JSON.stringify([one.role, one.group]), one]))
  return [...distinct.values()]
}
