import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { Secret, TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { apiWorld } from '../../../test/kit/api-world.ts'
import { browserForTests, startBrowser, virtualAuthenticator } from '../../../test/kit/browser.ts'
import { signInWorld } from '../../../test/kit/sign-in-world.ts'

const browser = browserForTests()
const skip = 'missing' in browser ? browser.missing : false
if (skip !== false && process.env['CI'] !== undefined) throw new Error(skip)
const screenshots = process.env['OTA_TEST_SCREENSHOTS']

/** The code an app shows for the secret on the page, in the given step from now: none is taken twice. */
async function appCode(page: Page, selector: string, step = 0): Promise<string> {
  const text = (await page.locator(selector).textContent())!.replaceAll(' ', '')
  const totp = new TOTP({
    secret: Secret.fromBase32(text),
    algorithm: 'SHA1',
    digits: 6,
    period: 30,
  })
  return totp.generate({ timestamp: Date.now() + step * 30_000 })
}

async function picture(page: Page, name: string): Promise<void> {
  if (screenshots === undefined) return
  mkdirSync(screenshots, { recursive: true })
  await page.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true })
}

async function open(t: TestContext) {
  assert.ok('path' in browser)
  const world = await signInWorld(t)
  const chromium = await startBrowser(t, browser.path)
  const page = await chromium.newPage({ viewport: { width: 900, height: 800 } })
  page.setDefaultTimeout(10_000)
  const wrong: string[] = []
  page.on('pageerror', (error) => wrong.push(error.message))
  page.on('console', (message) => {
    const text = message.text()
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) wrong.push(text)
  })
  await virtualAuthenticator(page)
  return { ...world, page, wrong }
}

void test(
  'in a browser somebody enrols by a link, registers a passkey, and signs in and steps up with it',
  { skip },
  async (t) => {
    const { identity, operatorUrl, sql, page, wrong } = await open(t)
    const first = await identity.invitations.first()
    await page.goto(`${operatorUrl}/enrol#${first!.secret}`)
    assert.equal(new URL(page.url()).hash, '')
    await page.getByLabel('Name What you type').fill('ann')
    await page.getByLabel('Full name').fill('Ann Berg')
    await page.getByLabel('Password').fill('short')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page
      .getByRole('alert')
      .getByText(/password/i)
      .waitFor()
    await picture(page, '1-enrol-refused')
    await page.getByLabel('Password').fill('purple turnip over nine hills')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('img', { name: 'QR code' }).waitFor()
    await picture(page, '2-enrol-totp')
    const secret = (await page.locator('#secret').textContent())!.replaceAll(' ', '')
    await page.getByRole('textbox', { name: 'Code' }).fill(await appCode(page, '#secret', -1))
    await page.getByRole('button', { name: 'Enrol' }).click()
    await page.getByRole('heading', { name: /Recovery codes/ }).waitFor()
    await picture(page, '3-enrol-recovery')
    assert.equal(await page.locator('#codes li').count(), 10)
    await page.getByRole('button', { name: 'I have kept them' }).click()

    await page.getByRole('heading', { name: 'Ann Berg' }).waitFor()
    await page.getByLabel('Name of the new passkey').fill('Test laptop')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByText('The passkey “Test laptop” is registered.').waitFor()
    await picture(page, '4-account')

    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor()
    await picture(page, '5-sign-in')
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByRole('heading', { name: 'Ann Berg' }).waitFor()

    // The passkey was shown long ago: changing how one signs in needs it again.
    await sql(`update person_session set factors = '{"passkey": 1000}'`)
    identity.sessions.changed()
    await page.getByRole('button', { name: 'Make new ones' }).click()
    await page.getByRole('heading', { name: 'Show a second factor again' }).waitFor()
    await picture(page, '6-step-up')
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByText('Keep these: they are not shown again').waitFor()
    await picture(page, '7-new-codes')

    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.getByLabel('Name').fill('ann')
    await page.getByLabel('Password').fill('purple turnip over nine hills')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('You are signing in as Ann Berg.').waitFor()
    await picture(page, '8-second-factor')
    await page.getByLabel('Code of your authenticator app').fill('000000')
    await page.locator('#totp-form').getByRole('button').click()
    await page.getByRole('alert').getByText(/wrong/).waitFor()
    const totp = new TOTP({ secret: Secret.fromBase32(secret) })
    await page.getByLabel('Code of your authenticator app').fill(totp.generate())
    await page.locator('#totp-form').getByRole('button').click()
    await page.getByRole('heading', { name: 'Ann Berg' }).waitFor()
    assert.deepEqual(wrong, [])
  },
)

void test('pages run nothing but our own files, are kept nowhere, and fit in no frame', async (t) => {
  const { app } = await apiWorld(t)
  for (const url of ['/enrol', '/sign-in', '/account']) {
    const { statusCode, headers, payload } = await app.inject(url)
    assert.equal(statusCode, 200)
    assert.match(
      String(headers['content-security-policy']),
      /^default-src 'none'; script-src 'self'/,
    )
    assert.doesNotMatch(String(headers['content-security-policy']), /unsafe/)
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['referrer-policy'], 'no-referrer')
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.doesNotMatch(
      payload,
      /<script(?! type="module" src="\/pages\/)|\son[a-z]+=|\sstyle=|<style/,
    )
  }
})

void test('pages bring what they need, and nothing else of the disk', async (t) => {
  const { app } = await apiWorld(t)
  const there = [
    ...['/pages/style.css', '/pages/account.mjs', '/pages/vendor/uqr/index.mjs'],
    ...['/pages/vendor/webauthn/index.js', '/pages/vendor/webauthn/methods/startRegistration.js'],
  ]
  for (const url of there) assert.equal((await app.inject(url)).statusCode, 200, url)
  const not = [
    ...['/pages/pages.ts', '/pages/..%2fapi.ts', '/pages/vendor/uqr/../package.json'],
    ...['/pages/vendor/constructor/index.js', '/pages/vendor/webauthn/..%2f..%2fpackage.json'],
    ...['/pages/vendor/webauthn/helpers/../../package.json', '/pages/nothing.mjs'],
  ]
  for (const url of not) {
    const status = (await app.inject(url)).statusCode
    assert.ok(status === 404 || status === 401, `${url}: ${status}`)
  }
})
