import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { breakGlassHouse } from '../../test/kit/break-glass-house.ts'
import type { Member } from '../../test/kit/duties-world.ts'
import { run } from '../../test/kit/otactl.ts'
import { goodPassword } from '../../test/kit/people-world.ts'

test('an account for emergencies is opened, used, ended, reviewed and sealed anew at a terminal', async (t) => {
  const world = await breakGlassHouse(t)
  const { ben, olga, sam, clock } = world
  const url = await world.address()
  const home = mkdtempSync(join(tmpdir(), 'otactl-home-'))
  t.after(() => rmSync(home, { recursive: true }))
  const call = (argv: readonly string[], answer: readonly string[] = [], env = {}) =>
    run(argv, {
      ...{ url, terminal: 120, answer, now: clock.now() },
      env: { HOME: home, OTA_TOKEN: '', OTA_DATA_DIR: '/nonexistent', NO_COLOR: '1', ...env },
    })
  const as = (who: Member) => ({ OTA_TOKEN: who.session })

  await clock.advance(30_000)
  await call(['sign-in', 'ben'], [goodPassword, world.code(ben)])
  const none = await call(['break-glass', 'list'])
  assert.match(none.err, /No account is prepared/, none.err)
  const code = await world.prepare()
  assert.match((await call(['break-glass', 'list'])).out, /night +sealed +20 +2 +operator/)
  const reset = ['run', 'charger.reset', 'CP-1', '--mode', 'now', '--reason', 'dark', '--no-wait']
  assert.equal((await call(reset)).code, 5, 'not without the account')

  const open = ['break-glass', 'open', 'night', '--reason', 'the depot is dark']
  const wrong = await call(open, ['wrong'])
  assert.equal(wrong.code, 5)
  assert.match(wrong.err, /the account or its code is wrong/)
  const opened = await call(open, [code])
  assert.equal(opened.code, 0, opened.err)
  assert.match(opened.out, /^night is open until .*, for at most 2 chargers\./)
  assert.deepEqual(opened.asked, ['Code: '])
  const lit = await call(reset)
  assert.equal(lit.code, 0, lit.err)
  assert.match((await call(['whoami'], [], as(sam))).out, /night +ben .* open until/)
  assert.match((await call(['sign-out'])).err, /break-glass end comes first/)

  const ended = await call(['break-glass', 'end'])
  assert.match(ended.out, /^The use of night by ben is ended\./)
  assert.equal((await call(['break-glass', 'end'])).code, 2, 'it was the only one')
  assert.match((await call(['whoami'])).out, /^ben /, 'the session before goes on')
  assert.equal((await call(reset)).code, 5)

  for (const who of [olga, sam]) await world.freshen(who)
  const blocked = await call(['break-glass', 'seal', 'night'], [], as(olga))
  assert.match(blocked.err, /somebody else has to review that first/)
  const uses = await call(['break-glass', 'uses', '--quiet'], [], as(sam))
  const use = uses.out.trim()
  const review = ['break-glass', 'review', use, '--verdict', 'justified', '--comment', 'it was']
  const reviewed = await call(review, [], as(sam))
  assert.equal(reviewed.out, `${use} is reviewed: justified.\n`, reviewed.err)
  assert.match((await call(['break-glass', 'uses'], [], as(sam))).out, /justified, says sam/)
  const sealed = await call(['break-glass', 'seal', 'night', '--quiet'], [], as(olga))
  assert.equal((await call(open, [sealed.out.trim()])).code, 0)

  const other = (await call(['break-glass', 'uses', '--json'], [], as(sam))).out
  const { items } = JSON.parse(other) as { items: { id: string }[] }
  assert.equal((await call(['break-glass', 'end', items[0]!.id], [], as(sam))).code, 0)
  assert.equal((await call(['whoami'])).code, 5, 'its session has ended with it')
  assert.equal((await call(['break-glass', 'end'])).code, 5)
  assert.match((await call(['whoami'])).out, /^ben /, 'the session before goes on')
  const verdict = ['--verdict', 'not-justified', '--comment', 'there was light']
  await call(['break-glass', 'review', items[0]!.id, ...verdict], [], as(sam))
  const retired = await call(['break-glass', 'retire', 'night'], [], as(olga))
  assert.equal(retired.out, 'night is retired.\n', retired.err)
})
