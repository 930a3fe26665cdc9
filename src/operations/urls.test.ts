import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { checkUrls, urlProblem, urlsIn } from './urls.ts'

const allowed = [
  'wss://csms.example.com/ocpp',
  'https://files.example.com:8443/',
  'sftp://logs.example.com',
]

describe('an URL may be sent to a charger', () => {
  const fine = [
    'wss://csms.example.com/ocpp',
    'wss://csms.example.com/ocpp/',
    'wss://CSMS.example.com/ocpp/CP-1',
    'https://files.example.com:8443/a/b?c=d#e',
    'sftp://logs.example.com/in',
  ]
  for (const url of fine)
    test(url, () => {
      assert.equal(urlProblem(url, allowed), undefined)
    })
})

describe('an URL may not be sent to a charger', () => {
  const wrong = [
    ['wss://csms.example.com.evil.org/ocpp', 'another host that begins alike'],
    ['wss://csms.example.com/ocppx', 'another path that begins alike'],
    ['wss://csms.example.com/ocpp/../admin', 'a path that leaves the prefix'],
    ['wss://csms.example.com:444/ocpp', 'another port'],
    ['ws://csms.example.com/ocpp', 'another scheme'],
    ['https://files.example.com/', 'the default port instead of the one allowed'],
    ['https://user:secret@files.example.com:8443/', 'a password'],
    ['https://files.example.com:8443\\@evil.org/', 'a backslash, which programs read differently'],
    ['https://files.example.com:8443/ x', 'a space'],
    ['http://169.254.169.254/latest/meta-data', 'an address inside'],
    ['file:///etc/passwd', 'no host'],
  ] as const
  for (const [url, why] of wrong)
    test(`${url}: ${why}`, () => {
      assert.notEqual(urlProblem(url, allowed), undefined)
    })

  test('where nothing is allowed, the reason names the setting', () => {
    assert.match(urlProblem('https://a.example', []) ?? '', /OTA_ALLOWED_CHARGER_URLS/)
  })
})

test('URLs are found wherever they stand in a value', () => {
  const value = { a: ['see https://x.example/1, or ftp://y.example'], b: { c: 'none', d: 5 } }
  assert.deepEqual(
    urlsIn(value, 'data').map(({ url }) => url),
    ['https://x.example/1', 'ftp://y.example'],
  )
  assert.deepEqual(urlsIn('Energy.Active.Import.Register', 'value'), [])
})

test('the first URL that is not allowed is named with its parameter', () => {
  const urls = [
    { url: 'sftp://logs.example.com/a', field: 'one' },
    { url: 'https://evil.example', field: 'two' },
  ]
  assert.equal(checkUrls(urls, allowed)?.field, 'two')
  assert.equal(checkUrls(urls.slice(0, 1), allowed), undefined)
})

test('whatever the text, what is let through has an allowed scheme, host and port', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.webUrl(),
        fc.string(),
        fc.string().map((end) => `wss://csms.example.com/ocpp${end}`),
      ),
      (text) => {
        if (urlProblem(text, allowed) !== undefined) return
        const { protocol, host } = new URL(text)
        assert.ok(
          allowed.some((one) => new URL(one).protocol === protocol && new URL(one).host === host),
        )
      },
    ),
  )
})
