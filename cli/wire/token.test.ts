import assert from 'node:assert/strict'
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { findToken } from './token.ts'

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'otactl-'))
  t.after(() => rmSync(made, { recursive: true }))
  return made
}
const local = new URL('http://127.0.0.1:8080')

test('the option comes before the environment, the environment before the file', (t) => {
  const cwd = folder(t)
  mkdirSync(join(cwd, 'data'))
  writeFileSync(join(cwd, 'data', 'owner-token'), 'ota_file\n')
  const of = (option: string | undefined, env: Record<string, string>) =>
    findToken({ option, env, cwd, url: local })
  assert.equal(of('ota_option', { OTA_TOKEN: 'ota_env' }), 'ota_option')
  assert.equal(of(undefined, { OTA_TOKEN: 'ota_env' }), 'ota_env')
  assert.equal(of(undefined, { OTA_TOKEN: '' }), 'ota_file')
})

test('OTA_DATA_DIR names the folder of the owner token', (t) => {
  const cwd = folder(t)
  writeFileSync(join(cwd, 'owner-token'), 'ota_there')
  assert.equal(
    findToken({ option: undefined, env: { OTA_DATA_DIR: cwd }, cwd: '/', url: local }),
    'ota_there',
  )
})

test('without any token it says where it looked and what to do', (t) => {
  const cwd = folder(t)
  assert.throws(() => findToken({ option: undefined, env: {}, cwd, url: local }), {
    exitCode: 5,
    message: new RegExp(join(cwd, 'data', 'owner-token')),
    hint: /OTA_DATA_DIR/,
  })
})

test('the owner token of this folder is not sent to another machine', (t) => {
  const cwd = folder(t)
  mkdirSync(join(cwd, 'data'))
  writeFileSync(join(cwd, 'data', 'owner-token'), 'ota_file')
  const url = new URL('https://ota.example.com')
  assert.throws(() => findToken({ option: undefined, env: {}, cwd, url }), { exitCode: 5 })
  const env = { OTA_DATA_DIR: join(cwd, 'data') }
  assert.equal(findToken({ option: undefined, env, cwd, url }), 'ota_file')
})

for (const token of ['two words', 'line\nbreak', ''])
  test(`what cannot be a token is wrong usage: ${JSON.stringify(token)}`, () => {
    assert.throws(() => findToken({ option: token, env: {}, cwd: '/', url: local }), {
      exitCode: 2,
    })
  })
