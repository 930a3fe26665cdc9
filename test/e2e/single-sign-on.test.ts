import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { testDatabase } from '../kit/database.ts'
import { followTo, oidcProvider } from '../kit/oidc-provider.ts'
import { ownerOf, productProcess } from '../kit/product-process.ts'

const callback = '/api/v1/single-sign-on/callback'

/** The running product, with people who sign in at a provider of their own. */
async function world(t: TestContext) {
  const { url, sql } = await testDatabase(t)
  const folder = await mkdtemp(path.join(tmpdir(), 'ota-sso-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const [secretFile, rolesFile] = [path.join(folder, 'secret'), path.join(folder, 'roles.json')]
  const environment: Record<string, string> = { OTA_DATABASE_URL: url }
  const product = await productProcess(t, environment)
  const pages = `http://localhost:${product.place.operators.split(':')[1]!}`
  const provider = await oidcProvider(t, { redirectUris: [`${pages}${callback}`] })
  await writeFile(secretFile, provider.clientSecret)
  await writeFile(
    rolesFile,
    JSON.stringify([{ providerGroup: 'ops-north', role: 'operator', group: 'North' }]),
  )
  Object.assign(environment, {
    OTA_OIDC_ISSUER: provider.issuer,
    OTA_OIDC_CLIENT_ID: provider.clientId,
    OTA_OIDC_CLIENT_SECRET_FILE: secretFile,
    OTA_OIDC_ROLES_FILE: rolesFile,
    OTA_OIDC_MFA_ACR: 'several-factors',
    OTA_OIDC_PROVISION: 'on',
  })
  await product.start()
  const owner = ownerOf(product.place)
  for (const group of ['North', 'South']) {
    await owner('POST', '/groups', { path: group })
    await owner('POST', '/chargers', { identity: `CP-${group}`, group })
  }
  return { provider, pages, owner, sql }
}

/** What a browser does of cookies and headers. */
function browser(pages: string) {
  const cookies = new Map<string, string>()
  return async function ask(method: string, to: string): Promise<Response> {
    const response = await fetch(`${pages}${to}`, {
      method,
      redirect: 'manual',
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'sec-fetch-site': 'same-origin',
        origin: pages,
      },
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
      if (value === '') cookies.delete(name!)
      else cookies.set(name!, value!)
    }
    return response
  }
}

type Ask = ReturnType<typeof browser>

async function json(answer: Promise<Response>): Promise<Record<string, unknown>> {
  return (await (await answer).json()) as Record<string, unknown>
}

/** Goes to the provider and back; the page the browser is shown then. */
async function roundTrip(ask: Ask, pages: string): Promise<string | null> {
  const { url } = await json(ask('POST', '/api/v1/single-sign-on'))
  const back = await followTo(String(url), `${pages}${callback}`)
  const arrived = await ask('GET', `${back.pathname}${back.search}`)
  assert.equal(arrived.status, 303, await arrived.text())
  return arrived.headers.get('location')
}

test('people sign in at their provider, with the roles of their groups there and no more', async (t) => {
  const { provider, pages, owner, sql } = await world(t)
  const ask = browser(pages)
  assert.equal(
    (await json(ask('GET', '/api/v1/sign-in/ways'))).provider,
    new URL(provider.issuer).hostname,
  )

  const signedInAt = Math.floor(Date.now() / 1000) - 120
  const ann = { sub: 'ann', acr: 'several-factors', signedInAt }
  const claims = { name: 'Ann Ops', preferred_username: 'ann', groups: ['ops-north'] }
  provider.visitor = { ...ann, claims }
  assert.equal(await roundTrip(ask, pages), '/account')
  const who = await json(ask('GET', '/api/v1/whoami'))
  assert.equal(who.name, 'Ann Ops')
  const { factors } = who.authentication as { factors: Record<string, string> }
  assert.deepEqual(
    Object.values(factors).map((at) => Date.parse(at)),
    [signedInAt * 1000, signedInAt * 1000],
    'a factor is as old as the provider says',
  )
  const chargers = async () =>
    ((await json(ask('GET', '/api/v1/chargers'))).items as { identity: string }[]).map(
      ({ identity }) => identity,
    )
  assert.deepEqual(await chargers(), ['CP-North'])

  // A team takes in whoever is in the provider's group from the next sign-in on.
  await sql(
    `insert into team (name, description, claims, changed_at, changed_by, reason)
     values ('night', 'at night', '{ops-north}', now(), '{"id":"t","kind":"person","name":"T"}', 'test')`,
  )
  assert.equal(await roundTrip(ask, pages), '/account')
  const { rows } = await sql<{ source: string }>(
    `select source from team_member where team = 'night'`,
  )
  assert.deepEqual(rows, [{ source: 'single-sign-on' }])

  // Who is in no group any more has no role any more, from the next sign-in on.
  provider.visitor = { ...ann, claims: { ...claims, groups: [] } }
  assert.equal(await roundTrip(ask, pages), '/account')
  const refused = await ask('GET', '/api/v1/chargers')
  assert.equal(refused.status, 403, await refused.text())
  const { rows: members } = await sql(`select 1 from team_member where team = 'night'`)
  assert.deepEqual(members, [])
  const { body } = await owner('GET', '/audit?limit=100&order=asc')
  const told = (body as { items: { event: string }[] }).items.map(({ event }) => event)
  for (const event of ['person.provisioned', 'person.roles-from-provider', 'session.opened'])
    assert.ok(told.includes(event), event)
})

test('who showed the provider one factor only is asked for another; an answer is taken once', async (t) => {
  const { provider, pages } = await world(t)
  const ask = browser(pages)
  provider.visitor = {
    sub: 'ben',
    claims: { name: 'Ben', preferred_username: 'ben', groups: ['ops-north'] },
  }
  // Ben has no second factor here yet, and single sign-on is no way around one.
  assert.equal(await roundTrip(ask, pages), '/sign-in#enrolment-needed')
  assert.equal((await ask('GET', '/api/v1/whoami')).status, 401)

  provider.visitor = { ...provider.visitor, acr: 'several-factors' }
  const { url } = await json(ask('POST', '/api/v1/single-sign-on'))
  const back = await followTo(String(url), `${pages}${callback}`)
  const stranger = browser(pages)
  const stolen = await stranger('GET', `${back.pathname}${back.search}`)
  assert.match(String(stolen.headers.get('location')), /^\/sign-in#/)
  assert.equal((await stranger('GET', '/api/v1/whoami')).status, 401)
})
