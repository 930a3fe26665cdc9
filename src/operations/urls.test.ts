import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { checkUrls, urlProblem, urlsIn, urlsOfWhole } from './urls.ts'

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
    ['https:files.example.com:8443/x', 'no slashes'],
    ['https:///files.example.com:8443/x', 'too many slashes'],
    ['https://files.example.com:8443?@evil.example/x', 'what some read as a user'],
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

describe('a text that is sent to a charger', () => {
  const host = 'https://files.example.com:8443'
  const refused = [
    `${host};@evil.example/x`,
    `${host},@evil.example/x`,
    `${host}'@evil.example/x`,
    `${host}"@evil.example/x`,
    `${host}<@evil.example/x`,
    `${host}\t@evil.example/x`,
    `${host} @evil.example/x`,
    `${host}\n.evil.example/x`,
    `${host}'.evil.example/x`,
    `'${host}'@evil.example/x`,
    `"${host}",@evil.example/x`,
    `see ${host}/a,https://evil.example/x`,
    'https://files.example.co\tm:8443/x',
    'wss:evil.example/ocpp',
    'wss:/evil.example/ocpp',
    'WSS:\\\\evil.example/ocpp',
    'https\t:\n/\r/evil.example/x',
    'host=http:evil.example',
    'sftp:evil.example',
    '{"url":"http:\\/\\/evil.example\\/x"}',
    '{"url":"http\\u003a\\u002f\\u002fevil.example"}',
    '{"http\\u003a//evil.example":1}',
    JSON.stringify({ a: [JSON.stringify({ b: 'http://evil.example' }).replace(':/', '\\u003a/')] }),
  ]
  for (const text of refused)
    test(`is refused: ${JSON.stringify(text)}`, () => {
      assert.notEqual(checkUrls(urlsIn(text, 'data'), allowed), undefined)
    })

  const fine = [
    `see ${host}, or ${host}/a; or (${host}).`,
    `{"url":"${host}","mail":"a@b.example","again":["${host}/a@b"]}`,
    `${host}/a,${host}/b`,
    `first\n${host}/a\nthen`,
    `<a href="${host}">here</a>`,
    'AA:BB:CC:DD:EE:FF',
    'fe80::1',
    '12:30 Uhr: bitte warten',
    'Authorize: a@b.example',
  ]
  for (const text of fine)
    test(`is sent: ${JSON.stringify(text)}`, () => {
      assert.equal(checkUrls(urlsIn(text, 'data'), allowed), undefined)
    })

  test('is deep without harm', () => {
    assert.deepEqual(urlsIn('['.repeat(5_000) + ']'.repeat(5_000), 'data'), [])
  })
})

test('a value that is one URL is checked whole', () => {
  const problem = (text: string) => checkUrls(urlsOfWhole(text, 'value'), allowed)
  assert.notEqual(problem('https://files.example.com:8443/a b'), undefined)
  assert.notEqual(problem(' wss:evil.example '), undefined)
  assert.equal(problem(' https://files.example.com:8443/a '), undefined)
  assert.equal(problem('ab:cd:ef:00:11:22'), undefined)
})

test('whatever the text, no URL to another host in it is let through', () => {
  const scheme = fc.constantFrom('http', 'https', 'ws', 'wss', 'ftp', 'sftp', 'HTTPS')
  const slashes = fc.constantFrom('://', ':\t//', ':/', ':', ':\\\\', ':/\\', ':\n', ':///')
  const name = fc.constantFrom('evil.example', 'files.example.com:8443', 'csms.example.com')
  const bit = fc.oneof(
    fc.constantFrom(...[...'@,;\'"<>()[]{}.:/\\?# \t\r\n\v%|'], '\u00a0', '\ufeff', '\u00ad', 'a'),
    fc.constantFrom('evil.example', '.evil.example', 'https://', 'wss:', 'x@'),
  )
  const bits = fc.array(bit, { maxLength: 6 }).map((all) => all.join(''))
  const before = fc.constantFrom('', ' ', 'see ', '=', '1', '(', '\n', '\u0001')
  const url = fc.tuple(scheme, slashes, name, bits, fc.option(name, { nil: '' }), bits)
  fc.assert(
    fc.property(before, url, fc.constantFrom('', '/x', '/x y'), (front, parts, path) => {
      const inside = parts.join('') + path
      if (!URL.canParse(inside)) return
      const { hostname } = new URL(inside)
      if (!hostname.endsWith('evil.example')) return
      assert.notEqual(checkUrls(urlsIn(front + inside, 'data'), allowed), undefined)
    }),
    { numRuns: 20_000 },
  )
})
