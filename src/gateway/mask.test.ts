import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maskForTrace, maskFrame } from './mask.ts'

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
    `[3,"1",{"configurationKey":[{"key":"AuthorizationKey","value":["${secret}"]}]}]`,
    `[2,"1","ChangeConfiguration",{"key":"Authorization\\u004bey","value":"${secret}"}]`,
    `[2,"1","DataTransfer",{"vendorId":"v","data":"{\\"password\\":\\"${secret}\\"}"}]`,
    `[2,"1","DataTransfer",{"vendorId":"v","data":{"password":{"old":"${secret}"}}}]`,
    `[2,"1","SetNetworkProfile",{"connectionData":{"vpn":{"user":"u","key":"${secret}","type":"IPSec"}}}]`,
    `[2,"1","SetNetworkProfile",{"connectionData":{"apn":{"simPin":"${secret}"}}}]`,
    `[2,"1","SecurityEventNotification",{"type":"X","techInfo":"password is ${secret}"}]`,
    `[2,"1","X",{"key":"AuthorizationKey","data":{"deep":["${secret}"]}}]`,
    `[2,"1","X",${'['.repeat(100)}{"password":"${secret}"}${']'.repeat(100)}]`,
    `[2,"1","GetDiagnostics",{"location":"ftp://user:${secret}@host/path"}]`,
    `[2,"1","GetDiagnostics",{"location":"ftp:\\/\\/user:${secret}@host\\/path"}]`,
    `[2,"1","GetLog",{"log":{"remoteLocation":"https://host/x?sig=${secret}&a=b"}}]`,
    `[2,"1","UpdateFirmware",{"location":"sftp://user:${secret}`,
    `[2,"1","UpdateFirmware",{"location":"https://host/d/otad.${secret}/fw.bin","retrieveDate":"x"}]`,
    `[2,"1","UpdateFirmware",{"location":"https://host/u/otau.${secret}`,
  ]
  for (const frame of frames) {
    assert.ok(!maskFrame(frame, 2_000).excerpt.includes(secret), frame)
    assert.ok(!maskForTrace(frame, 2_000).includes(secret), frame)
    for (let length = 0; length < Math.min(frame.length, 200); length += 1)
      assert.ok(!maskForTrace(frame, length).includes('S3cr3'), `${frame} cut to ${length}`)
  }
})

test('what is no secret of an address stays', () => {
  const frames = [
    '[2,"1","UpdateFirmware",{"location":"https://host:8443/fw/v1.8.21.bin"}]',
    '[2,"1","X",{"ocppCsmsUrl":"wss://csms.example.com:443/ocpp"}]',
    '[2,"1","X",{"ocppCsmsUrl":"wss://csms.example.com:443',
  ]
  for (const frame of frames) assert.equal(maskFrame(frame, 2_000).excerpt, frame)
  assert.equal(
    maskFrame('{"location":"ftp://me:pw@host/up?sig=1"}', 2_000).excerpt,
    '{"location":"ftp://***@host/up?sig=***"}',
  )
})

test('in a trace what stands beside a credential stays readable', () => {
  const cases: [frame: string, kept: string][] = [
    [
      `[3,"1",{"configurationKey":[{"key":"HeartbeatInterval","readonly":false,"value":"300"},{"key":"AuthorizationKey","readonly":false,"value":"${secret}"}],"unknownKey":["X"]}]`,
      '[3,"1",{"configurationKey":[{"key":"HeartbeatInterval","readonly":false,"value":"300"},{"key":"AuthorizationKey","readonly":false,"value":"***"}],"unknownKey":["X"]}]',
    ],
    [
      `[3,"1",{"getVariableResult":[{"attributeStatus":"Accepted","attributeValue":"${secret}","component":{"name":"SecurityCtrlr"},"variable":{"name":"BasicAuthPassword"}},{"attributeStatus":"Accepted","attributeValue":"60","component":{"name":"OCPPCommCtrlr"},"variable":{"name":"HeartbeatInterval"}}]}]`,
      '[3,"1",{"getVariableResult":[{"attributeStatus":"Accepted","attributeValue":"***","component":{"name":"SecurityCtrlr"},"variable":{"name":"BasicAuthPassword"}},{"attributeStatus":"Accepted","attributeValue":"60","component":{"name":"OCPPCommCtrlr"},"variable":{"name":"HeartbeatInterval"}}]}]',
    ],
    [
      `[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"${secret}"}]`,
      '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"***"}]',
    ],
    [
      '[2,"1","GetConfiguration",{"key":["AuthorizationKey","HeartbeatInterval"]}]',
      '[2,"1","GetConfiguration",{"key":["AuthorizationKey","HeartbeatInterval"]}]',
    ],
    [
      `[4,"1","InternalError","the password ${secret} is wrong",{"transactionId":9223372036854775807}]`,
      '[4,"1","InternalError","***",{"transactionId":9223372036854775807}]',
    ],
  ]
  for (const [frame, kept] of cases) assert.equal(maskForTrace(frame, 2_000), kept)
})

test('in a trace the tokens of drivers are shortened, wherever they stand', () => {
  const cases: [frame: string, kept: string][] = [
    ['{"idTag":"04A1B2C3D4E5F6"}', '{"idTag":"04A1…"}'],
    ['{"idTag" : "ABCD"}', '{"idTag" : "AB…"}'],
    ['{"idTag":""}', '{"idTag":""}'],
    ['{"idTag":12345678}', '{"idTag":"…"}'],
    ['{"idTagInfo":{"parentIdTag":"PARENT-1"}}', '{"idTagInfo":{"parentIdTag":"PARE…"}}'],
    [
      '{"idToken":{"idToken":"04A1B2C3D4","type":"ISO14443"}}',
      '{"idToken":{"idToken":"04A1…","type":"ISO14443"}}',
    ],
    ['{"groupIdToken":{"idToken":"GROUP-17"}}', '{"groupIdToken":{"idToken":"GROU…"}}'],
    ['{"additionalIdToken":"DE-ABC-C1","type":"x"}', '{"additionalIdToken":"DE-A…","type":"x"}'],
    ['{"data":"{\\"idTag\\":\\"04A1B2C3\\"}"}', '{"data":"{\\"idTag\\":\\"04A1…\\"}"}'],
    ['{"idTag":"04A1B2C3D', '{"idTag":"04A1…'],
  ]
  for (const [frame, kept] of cases) assert.equal(maskForTrace(frame, 2_000), kept)
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
