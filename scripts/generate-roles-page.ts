import { operations } from '../src/operations/catalogue.ts'
import { coversOperation } from '../src/policy/operation-pattern.ts'
import { permissions, type Permission } from '../src/policy/permission.ts'
import { allowsAction } from '../src/policy/rights.ts'
import { builtInRoles, localRole, systemRole, type DescribedRole } from '../src/policy/roles.ts'

/** The reference of roles: what each may do, and who may do what. */
export function rolesPage(
  notice: string,
  table: (head: readonly string[], rows: readonly (readonly string[])[]) => string,
): string {
  const roles: readonly DescribedRole[] = Object.values(builtInRoles)
  const mark = (yes: boolean): string => (yes ? 'yes' : '')
  const names = roles.map(({ name }) => name)
  return [
    '# Roles',
    notice,
    'Nothing is allowed by default. A role that is built in never changes; further ones are made of the same permissions and operations. See [roles and policy](../how-to/roles-and-policy.md).',
    table(
      ['Role', 'What for', 'Operations'],
      [...roles, systemRole, localRole].map(({ name, description, operations: patterns }) => [
        `\`${name}\``,
        description,
        patterns.map((pattern) => `\`${pattern}\``).join(', ') || 'none',
      ]),
    ),
    '`system` and `local` are held by the product itself and by the robot of the data folder; nobody else can hold them.',
    '## Actions of the API',
    table(
      ['Permission', 'What it allows', ...names],
      (Object.entries(permissions) as [Permission, string][]).map(([permission, meaning]) => [
        `\`${permission}\``,
        meaning,
        ...roles.map((role) => mark(allowsAction(role, permission))),
      ]),
    ),
    '## Operations',
    'A role that allows an operation allows asking for it: the risk and the guards of the policy still decide what is needed.',
    table(
      ['Operation', 'Risk', ...names],
      operations.map((operation) => [
        `\`${operation.name}\``,
        operation.risk,
        ...roles.map((role) => mark(coversOperation(role.operations, operation))),
      ]),
    ),
  ].join('\n\n')
}
