import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { question, system, target } from '../../test/kit/question.ts'
import { covers, type Scope } from '../fleet/groups/scope.ts'
import { operations } from '../operations/catalogue.ts'
import { permissions, type Permission } from './permission.ts'
import type { Role } from './question.ts'
import { allowsAction, rightsOf } from './rights.ts'
import { roleRule } from './role-rule.ts'
import { builtInRoles, systemRole } from './roles.ts'

/**
 * Every built-in role x operation x scope, and x action of the API x scope, as it is decided. After a change
 * that is meant, `OTA_TEST_GOLDEN=write` writes the file anew; what changes in it is read before it goes in.
 */
const golden = new URL('role-matrix.golden.txt', import.meta.url)

/** Where roles are bound, and where something is done. */
const scopes: Readonly<Record<string, Scope>> = {
  everywhere: 'everywhere',
  North: { groups: ['North'] },
  'North/1': { groups: ['North/1'] },
}
const places = [null, 'North', 'North/1', 'North/1/a', 'Northern', 'South'] as const

/** One letter for each place: where it may be done. */
function letters(allows: (place: string | null) => boolean): string {
  return places.map((place, at) => (allows(place) ? 'gN1aXS'[at] : '.')).join('')
}

function rowsOf(role: Role): string[] {
  const bound = Object.entries(scopes)
  const operated = operations.map((operation) => {
    const cells = bound.map(([, scope]) =>
      letters((group) => {
        const what = question({ operation: operation.name, targets: [target({ group })] })
        const actor = role === systemRole ? system : what.who.actor
        const { spoken } = roleRule({ ...what, who: { actor, bindings: [{ role, scope }] } })
        return spoken.every(({ says }) => says === 'allows') && spoken.length > 0
      }),
    )
    return `${role.name} | ${operation.name} | ${cells.join(' | ')}`
  })
  const acted = (Object.keys(permissions) as Permission[]).map((permission) => {
    const cells = bound.map(([, scope]) => {
      const allowed = rightsOf([{ role, scope }]).scopeOf(permission)
      return letters((place) => covers(allowed, place))
    })
    return `${role.name} | API ${permission} | ${cells.join(' | ')}`
  })
  return [...operated, ...acted]
}

test('which role may do what where is as it was agreed', async () => {
  const legend = 'g no group, N North, 1 North/1, a North/1/a, X Northern, S South'
  const head = `role | what | bound ${Object.keys(scopes).join(' | bound ')} (${legend})`
  const roles: Role[] = [...Object.values(builtInRoles), systemRole]
  const text = `${[head, ...roles.flatMap(rowsOf)].join('\n')}\n`
  if (process.env.OTA_TEST_GOLDEN === 'write') await writeFile(golden, text)
  assert.equal(text, await readFile(golden, 'utf8'))
})

test('duties are apart', () => {
  const can = (role: keyof typeof builtInRoles, permission: Permission): boolean =>
    rightsOf([{ role: builtInRoles[role], scope: 'everywhere' }]).scopeOf(permission) ===
    'everywhere'
  const names = Object.keys(builtInRoles) as (keyof typeof builtInRoles)[]
  const deciding = names.filter((role) => can(role, 'approvals.decide'))
  assert.deepEqual(deciding, ['approver', 'owner'])
  assert.equal(can('approver', 'approvals.request'), false)
  for (const role of ['approver', 'security-admin', 'auditor', 'viewer'] as const)
    assert.deepEqual([builtInRoles[role].operations, can(role, 'commands.submit')], [[], false])
  const writing = names.filter((role) => can(role, 'policy.write'))
  assert.deepEqual(writing, ['security-admin', 'owner'])
  const all = names.filter((role) => allowsAction(builtInRoles[role], 'break-glass.use'))
  assert.deepEqual(all, ['operator', 'engineer', 'owner'])
})
