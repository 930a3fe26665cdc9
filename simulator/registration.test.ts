import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { apiToken, labProgram, passwords } from './options.ts'
import { register } from './registration.ts'

test('chargers are registered in bulk with the token, group first', async (t) => {
  const asked: { url: string; token: string; body: unknown }[] = []
  let status = 200
  const http = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => (body += String(part)))
    request.on('end', () => {
      const { url = '', headers } = request
      asked.push({ url, token: headers.authorization ?? '', body: JSON.parse(body) })
      response.writeHead(url.endsWith('groups') ? 409 : status).end('{"detail":"because"}')
    })
  })
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening))
  t.after(() => void http.close())
  const api = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const rows = [{ identity: 'S-1', credential: 'c', tags: ['lab'], group: 'Lab' }]
  await register(api, 'tok', rows)
  assert.deepEqual(asked, [
    { url: '/api/v1/groups', token: 'Bearer tok', body: { path: 'Lab' } },
    { url: '/api/v1/chargers/import', token: 'Bearer tok', body: rows },
  ])
  status = 422
  await assert.rejects(register(api, 'tok', rows), /422.*because/)
})

test('passwords come from the option, from a file by identity, or are made when registering', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lab-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'passwords.json')
  writeFileSync(file, '{"A":"one"}')
  const given = (options: Partial<Parameters<typeof passwords>[0]>): Map<string, string> =>
    passwords(options, ['A', 'B'])
  assert.deepEqual(
    [...given({ password: 'p' })],
    [
      ['A', 'p'],
      ['B', 'p'],
    ],
  )
  assert.deepEqual([...given({ passwordFile: file })], [['A', 'one']])
  const made = given({ api: 'http://x' })
  assert.equal(made.size, 2)
  assert.notEqual(made.get('A'), made.get('B'))
  writeFileSync(path.join(folder, 'owner-token'), 'tok\n')
  assert.equal(apiToken(undefined, { OTA_DATA_DIR: folder }), 'tok')
  assert.equal(apiToken('given', { OTA_DATA_DIR: folder }), 'given')
})

test('the command line is read with its units and persona names', () => {
  const program = labProgram()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
  program.parse(
    ['--chargers', '2000', '--connect-rate', '50/s', '--persona', 'slow+lying', '--duration', '2m'],
    { from: 'user' },
  )
  const { chargers, connectRate, persona, duration, version } = program.opts()
  assert.deepEqual(
    [chargers, connectRate, persona.name, duration, version],
    [2000, 50, 'slow+lying', 120, 'mixed'],
  )
  assert.throws(
    () => program.parse(['--persona', 'kind'], { from: 'user' }),
    /no persona is called/,
  )
})
