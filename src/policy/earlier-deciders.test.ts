import assert from 'node:assert/strict'
import test from 'node:test'
import { emptyTestDatabase } from '../../test/kit/database.ts'
import { systemClock } from '../kernel/clock.ts'
import { migrate, readMigrations } from '../storage/migrate.ts'
import { allDeciders } from './role-store.ts'

const id = (n: number) => `00000000-0000-7000-8000-00000000000${n}`

test('an upgrade keeps who holds a role that decides, was given one by a request, or decided', async (t) => {
  const { connection, sql } = await emptyTestDatabase(t)
  const migrations = await readMigrations()
  const before = migrations.filter(({ number }) => number < 93)
  await migrate({ connection, clock: systemClock, migrations: before })
  for (const n of [1, 2, 3, 4, 5, 6])
    await sql(
      `insert into person (id, name, display_name, created_at) values ($1, $2, $2, now())`,
      [id(n), `p${n}`],
    )
  const bind = (kind: string, principal: string, role: string) =>
    sql(
      `insert into role_binding (id, principal_kind, principal, role, given_at, given_by, reason)
       values (gen_random_uuid(), $1, $2, $3, now(), '{}', 'as agreed')`,
      [kind, principal, role],
    )
  const request = (content: object) =>
    sql<{ id: string }>(
      `insert into approval_request (id, kind, document, digest, origin, summary, requester, requested_by,
         requested_at, reason, needs, execution, state, expires_at, executes_at, execute_before, ended_at, edits_rules, groups)
       values (gen_random_uuid(), 'binding', $1, '', '{}', '', '', '{}', 0, '', '{}', 'automatic', 'executed', 0, 0, 0, 0,
         false, '{}') returning id`,
      [JSON.stringify({ content })],
    )
  await bind('person', id(1), 'owner')
  await bind('person', id(2), 'engineer')
  await bind('person', 'mistyped', 'approver')
  await sql(
    `insert into custom_role values ('judge', '', '{approvals.decide}', '{}', now(), '{}', 'as agreed')`,
  )
  await sql(`insert into team values ('night', '', '{}', now(), '{}', 'as agreed')`)
  await sql(`insert into team_member values ('night', $1, 'given')`, [id(3)])
  await bind('team', 'night', 'judge')
  await sql(
    `insert into single_sign_on_link values ('issuer', 'sub', $1, '[{"role":"approver","group":null}]', now())`,
    [id(4)],
  )
  const { rows } = await request({ principal: { kind: 'person', id: id(5) }, role: 'approver' })
  await sql(
    `insert into approval_decision (request, person, deed, name, at, digest, roles)
     values ($1, $2, 'veto', '', 0, '', '{}')`,
    [rows[0]!.id, id(6)],
  )

  await migrate({ connection, clock: systemClock, migrations })
  assert.deepEqual((await allDeciders({ query: sql })).toSorted(), [1, 3, 4, 5, 6].map(id))
})
