import { existsSync } from 'node:fs'
import { chromium, type Browser, type CDPSession, type Page } from 'playwright-core'
import type { Lasting } from './database.ts'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** A browser tests may use: `OTA_TEST_BROWSER`, else a Chromium of this machine. */
export function browserForTests(): { path: string } | { missing: string } {
  const said = process.env['OTA_TEST_BROWSER']
  const found = said ?? places.find((place) => existsSync(place))
  return found === undefined
    ? {
        missing: `no browser: OTA_TEST_BROWSER is not set and there is none of ${places.join(', ')}`,
      }
    : { path: found }
}

export async function startBrowser(t: Lasting, path: string): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: path,
    headless: true,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  })
  t.after(() => browser.close())
  return browser
}

/** Gives the page an authenticator that holds passkeys and knows its owner. */
export async function virtualAuthenticator(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return session
}
