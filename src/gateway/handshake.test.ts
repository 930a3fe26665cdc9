import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { prepareHeaders, readHandshake } from './handshake.ts'

const upgrade = {
  upgrade: 'websocket',
  connection: 'Upgrade',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
}

function read(headers: Record<string, string | undefined>, url = '/ocpp/CP1', method = 'GET') {
  return readHandshake({ method, url, headers: { ...upgrade, ...headers } }, '10.0.0.1')
}

function attempt(headers: Record<string, string>, url?: string) {
  const found = read(headers, url)
  assert.ok('attempt' in found, JSON.stringify(found))
  return found.attempt
}

function basic(bytes: Buffer | string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(bytes).toString('base64')}` }
}

suite('the subprotocol of a handshake', () => {
  test('is the first of the client that we speak, in the client order', () => {
    const table: [offer: string, version: string | undefined][] = [
      ['ocpp1.6', '1.6'],
      ['ocpp2.0.1, ocpp1.6', '2.0.1'],
      ['ocpp1.6, ocpp2.0.1', '1.6'],
      ['ocpp1.5,ocpp2.1,ocpp1.6', '2.1'],
      [',ocpp2.0.1', '2.0.1'],
      ['ocpp1.6,,', '1.6'],
      ['OCPP1.6', '1.6'],
      ['ocpp1.6,ocpp1.6', '1.6'],
      ['socpp1.6', undefined],
      ['ocpp1.5', undefined],
      ['', undefined],
      ['__proto__', undefined],
    ]
    for (const [offer, version] of table)
      assert.equal(attempt({ 'sec-websocket-protocol': offer }).chosen?.version, version, offer)
    assert.equal(attempt({}).chosen, undefined)
    assert.deepEqual(attempt({}).offered, [])
  })

  test('is answered as the client spelled it', () => {
    assert.equal(attempt({ 'sec-websocket-protocol': 'OCPP1.6' }).chosen?.protocol, 'OCPP1.6')
  })
})

suite('the credential of a handshake', () => {
  test('is read as bytes, with colons and bytes that are no UTF-8', () => {
    const key = Buffer.from([0xff, 0x00, 0x3a, 0xfe, 0x80])
    const { basic: found } = attempt(basic(Buffer.concat([Buffer.from('CP1:'), key])))
    assert.equal(found?.username, 'CP1')
    assert.deepEqual(Buffer.from(found.passwordBase64, 'base64'), key)
  })

  test('belongs to an identity that holds a colon', () => {
    const { basic: found } = attempt(basic('DE:01:secret'), '/ocpp/DE:01')
    assert.equal(found?.username, 'DE:01')
    assert.equal(Buffer.from(found.passwordBase64, 'base64').toString(), 'secret')
  })

  test('names whoever it names, for control to judge', () => {
    assert.equal(attempt(basic('CP2:secret')).basic?.username, 'CP2')
  })

  test('is absent where the header is absent, of another scheme, or unreadable', () => {
    for (const authorization of ['', 'Bearer abc', 'Basic', 'Basic !!!', 'Basic bm9jb2xvbg=='])
      assert.equal(attempt({ authorization }).basic, undefined, authorization)
    assert.equal(attempt({}).basic, undefined)
  })
})

suite('a request that is no handshake', () => {
  test('is refused with the status that says why, and a malformed identity comes first', () => {
    const table: [found: ReturnType<typeof read>, status: number][] = [
      [read({}, '/ocpp/CP1', 'POST'), 405],
      [read({ upgrade: 'h2c' }), 426],
      [read({ 'sec-websocket-version': '8' }), 426],
      [read({ 'sec-websocket-version': undefined }), 426],
      [read({ 'sec-websocket-key': 'short' }), 400],
      [read({ 'sec-websocket-key': undefined }), 400],
      [read({ 'sec-websocket-key': undefined }, '/'), 404],
      [read({ 'sec-websocket-version': '8' }, '/ocpp/%ff'), 400],
    ]
    for (const [found, status] of table)
      assert.equal('refusal' in found ? found.refusal.status : 101, status)
  })
})

test('only what the WebSocket library accepts is left in the headers', () => {
  const table: [extensions: string, kept: string | undefined][] = [
    ['permessage-deflate', 'permessage-deflate'],
    [
      'permessage-deflate; client_max_window_bits; server_max_window_bits=10',
      'permessage-deflate; client_max_window_bits; server_max_window_bits=10',
    ],
    ['x-webkit-deflate-frame, permessage-deflate', 'permessage-deflate'],
    ['permessage-deflate; server_max_window_bits', undefined],
    ['permessage-deflate; nonsense=1', undefined],
    ['permessage-deflate; client_max_window_bits; client_max_window_bits', undefined],
    ['permessage-deflate; server_max_window_bits=99, permessage-deflate', 'permessage-deflate'],
    [';;;', undefined],
  ]
  for (const [extensions, kept] of table) {
    const headers = { 'sec-websocket-extensions': extensions, 'sec-websocket-protocol': ',a' }
    prepareHeaders(headers, undefined)
    assert.deepEqual(headers, kept === undefined ? {} : { 'sec-websocket-extensions': kept })
  }
})
