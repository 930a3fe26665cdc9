import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maskFrame } from './mask.ts'

const secret = 'S3cr3t-Value'

test('no credential survives, whichever way its frame is written', () => {
  const frames = [
    `[3,"1",{"configurationKey":[{"key":"AuthorizationKey","readonly":false,"value":"${secret}"}]}]`,
    `[3,"1",{"configurationKey":[{"value":"${secret}","key":"authorizationkey"}]}]`,
    `[2,"1","ChangeConfiguration",{"key":"AuthorizationKey", "value" : "${secret}"}]`,
    `[3,"1",{"getVariableResult":[{"attributeValue":"${secret}","variable":{"name":"BasicAuthPassword"}}]}]`,
    `[2,"1","SetNetworkProfile",{"connectionData":{"basicAuthPassword":"${secret}"}}]`,
    `[2,"1","X",{"apn":{"apnPassword":"${secret}"},"vpn":{"password":"${secret}"}}]`,
    `[3,"1",{"configurationKey":[{"key":"AuthorizationKey","value":"${secret}`,
    `[3,"1",{"configurationKey":[{"key":"AuthorizationKey","value":"a\\"${secret}"}]}]`,
    `[3,"1",{"configurationKey":[{"key":"AuthorizationKey","value":"${secret}${'x'.repeat(5_000)}"}]}]`,
  ]
  for (const frame of frames) assert.ok(!maskFrame(frame, 2_000).excerpt.includes(secret), frame)
})

test('what is said about such a frame quotes nothing of it', () => {
  const frame = `[3,"1",{"key":"AuthorizationKey","value":"${secret}"}]`
  assert.ok(!maskFrame(frame, 2_000).detail(`the payload is ["${secret}"]`).includes(secret))
})

test('other frames are kept as they are, up to the length', () => {
  const frame = '[2,"1","DataTransfer",{"vendorId":"v","data":"value"}]'
  assert.equal(maskFrame(frame, 2_000).excerpt, frame)
  assert.equal(maskFrame('x'.repeat(5_000), 2_000).excerpt.length, 2_000)
  assert.equal(maskFrame(frame, 2_000).detail('a "quote"'), 'a "quote"')
})

test('a cut in the middle of a character leaves readable text', () => {
  assert.ok(maskFrame('\u{1f50c}'.repeat(10), 5).excerpt.isWellFormed())
})
