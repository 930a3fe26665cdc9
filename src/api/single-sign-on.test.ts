import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dutiesWorld } from '../../test/kit/duties-world.ts'
import { goodPassword } from '../../test/kit/people-world.ts'
import { followTo } from '../../test/kit/oidc-provider.ts'
import { callbackPath } from '../identity/ways-in.ts'

const another = 'thimble orchard 40 granite'

test('a person links and unlinks the account at their provider; with a new password or signed out meanwhile, nothing is linked', async (t) => {
  const world = await dutiesWorld(t, { signOn: [] })
  const anna = await world.enrol('anna')
  const plane = await world.address()

  /** Goes to the provider from her session. */
  async function setOut(): Promise<() => Promise<string | null>> {
    const begun = await fetch(`${plane}/api/v1/session/single-sign-on`, {
      method: 'POST',
      headers: { authorization: `Bearer ${anna.session}`, 'content-type': 'application/json' },
      body: JSON.stringify({ purpose: 'link' }),
    })
    const { url } = (await begun.json()) as { url: string }
    const cookie = begun.headers.getSetCookie()[0]!.split(';')[0]!
    const { redirect_uri: until } = Object.fromEntries(new URL(url).searchParams)
    const { search } = await followTo(url, until!)
    return async () => {
      const back = `${plane}${callbackPath}${search}`
      const arrived = await fetch(back, { redirect: 'manual', headers: { cookie } })
      return arrived.headers.get('location')
    }
  }
  const unlink = () => world.refusal('DELETE', '/people/me/single-sign-on', anna.session)

  assert.equal(await unlink(), 'not-found')
  assert.equal(await (await setOut())(), '/account#link-done')
  assert.equal(await unlink(), undefined)
  assert.equal(await unlink(), 'not-found')
  assert.equal((await world.events('person.unlinked-from-provider')).length, 1)

  const meanwhile: readonly Parameters<typeof world.must>[] = [
    [204, 'PUT', '/people/me/password', anna.session, { current: goodPassword, password: another }],
    [204, 'DELETE', '/session', anna.session],
  ]
  for (const asked of meanwhile) {
    const arrive = await setOut()
    await world.must(...asked)
    assert.equal(await arrive(), '/sign-in#not-begun-here', asked[2])
  }
  assert.equal((await world.events('person.linked-to-provider')).length, 1)
})
