import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FileProtocol } from '../operations/file-links.ts'
import { maskFileLinks } from '../operations/mask-file-links.ts'
import { fileLinks } from './links.ts'
import { guessedUrl } from './public-url.ts'

const secret = Buffer.alloc(32, 7)
const dispatch = '01890000-0000-7000-8000-000000000001'
const file = '01890000-0000-7000-8000-000000000002'
const all = { web: 'https://files.example/ota', ftp: 21, ftps: 990, sftp: 2222 }

void test('a charger is told the first way it knows that nobody on the way can read', () => {
  const cases: [object, FileProtocol[] | undefined, RegExp | undefined][] = [
    [all, undefined, /^https:\/\/files\.example\/ota\/u\/otau\.[\w-]{48}\/$/],
    [all, ['FTP', 'HTTP', 'SFTP', 'FTPS'], /^sftp:\/\/otau\.[\w-]{48}:ota@files\.example:2222\/$/],
    [all, ['FTP', 'FTPS'], /^ftps:\/\/.*@files\.example:990\/$/],
    [all, ['FTP'], /^ftp:\/\/.*@files\.example:21\/$/],
    [all, ['HTTPS', 'SFTP'], /^https:/],
    [all, ['HTTP'], undefined],
    [all, [], undefined],
    [{ web: 'http://10.0.0.1:9001' }, undefined, /^http:\/\/10\.0\.0\.1:9001\/u\//],
    [{ web: 'http://10.0.0.1:9001' }, ['HTTPS', 'SFTP', 'FTP'], undefined],
    [{ web: 'http://10.0.0.1:9001' }, ['HTTPS', 'HTTP'], /^http:/],
    [{ web: 'http://[::1]:9001', ftp: 21 }, ['FTP'], /@\[::1\]:21\/$/],
  ]
  for (const [served, protocols, expected] of cases) {
    const links = fileLinks(secret, { web: 'x:', ...served })
    const grant = { dispatch, until: 1000, ...(protocols && { protocols }) }
    const link = links.upload(grant)
    if (expected === undefined) assert.equal(link, undefined)
    else assert.match(link!, expected)
    assert.equal(links.upload(grant), link)
  }
})

void test('the name of what is fetched is plain, short and keeps its ending', () => {
  const links = fileLinks(secret, all)
  const told = (name: string) =>
    links.download({ dispatch, file, name, until: 1000 })!.split('/').at(-1)
  assert.equal(told('fw 1.2 (final)/säule?.tar.gz'), 's-ule_.tar.gz')
  assert.equal(told(`${'x'.repeat(300)}.signed.bin`)!.length, 60)
  assert.match(told(`${'x'.repeat(300)}.bin`)!, /\.bin$/)
  assert.equal(told('..'), 'file')
  const link = links.download({ dispatch, file, name: 'x'.repeat(500), until: 1000 })!
  assert.ok(link.length < 255, 'it fits every charger')
})

void test('what opens a link is taken out of texts and of JSON, wherever it stands', () => {
  const links = fileLinks(secret, all)
  const web = links.upload({ dispatch, until: 1000 })!
  const ftp = links.download({ dispatch, file, name: 'a', until: 1000, protocols: ['FTP'] })!
  assert.equal(maskFileLinks(web), 'https://files.example/ota/u/otau.***/')
  assert.equal(maskFileLinks(ftp), 'ftp://otad.***:ota@files.example:21/a')
  const frame = JSON.stringify([2, 'id', 'GetLog', { log: { remoteLocation: web } }])
  assert.doesNotMatch(maskFileLinks(frame), /otau\.[^*]/)
  assert.doesNotMatch(
    maskFileLinks(frame.slice(0, 90)),
    /otau\.[^*]{4}/,
    'also where it is cut off',
  )
  assert.deepEqual(maskFileLinks({ a: [{ location: web, n: 1, b: null, t: true }] }), {
    a: [{ location: 'https://files.example/ota/u/otau.***/', n: 1, b: null, t: true }],
  })
  for (const innocent of [
    'otau',
    'an iota.example',
    'https://ota.example/u/x',
    'otad.1',
    'total.value',
  ])
    assert.equal(maskFileLinks(innocent), innocent)
})

void test('where nobody said how chargers reach us, the machine’s own address is a guess', () => {
  const interfaces = {
    lo: [address('127.0.0.1', 'IPv4', true)],
    eth0: [address('fe80::1', 'IPv6', false), address('10.0.0.7', 'IPv4', false)],
  }
  const cases: [string, boolean, Parameters<typeof guessedUrl>[2], string][] = [
    ['0.0.0.0', false, interfaces, 'http://10.0.0.7:9001'],
    ['::', true, interfaces, 'https://10.0.0.7:9001'],
    ['192.168.1.2', false, interfaces, 'http://192.168.1.2:9001'],
    ['::1', false, interfaces, 'http://[::1]:9001'],
    ['0.0.0.0', false, {}, 'http://127.0.0.1:9001'],
  ]
  for (const [host, tls, found, expected] of cases)
    assert.equal(guessedUrl({ host, port: 9001 }, tls, found), expected)
})

function address(address: string, family: 'IPv4' | 'IPv6', internal: boolean) {
  return { address, family, internal, netmask: '', mac: '', cidr: null, scopeid: 0 } as never
}
