import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import type { ModelProfile } from './profile.ts'
import { ordinaryProfile, quirkOf, resolveProfile } from './profile.ts'
import { profileResolver } from './resolve.ts'

const grounds = { why: 'seen in a test', evidence: ['L#1'] }

const profiles: readonly ModelProfile[] = [
  {
    id: 'acme/all',
    title: 'all',
    match: { vendor: ['ACME*'] },
    quirks: [
      { quirk: 'max-stack-level', level: 3, ...grounds },
      { quirk: 'ignores-pings', ...grounds },
    ],
    capabilities: { evses: { value: 2, ...grounds } },
    vendorMessages: [{ vendorId: 'acme', messageId: 'hello', why: 'it greets' }],
  },
  {
    id: 'acme/anvil',
    title: 'Anvil',
    match: { vendor: ['ACME*'], model: ['Anvil*'] },
    quirks: [{ quirk: 'max-stack-level', level: 1, ...grounds }],
  },
  {
    id: 'acme/anvil-2',
    title: 'Anvil, firmware 2',
    match: { vendor: ['ACME*'], model: ['Anvil*'], firmware: { from: '2', below: '3' } },
    quirks: [{ quirk: 'max-stack-level', level: 0, ...grounds }],
    capabilities: { evses: { value: 1, ...grounds } },
  },
  {
    id: 'acme/anvil-mini',
    title: 'Anvil Mini',
    match: { model: ['Anvil Mini'] },
    quirks: [{ quirk: 'max-stack-level', level: 7, ...grounds }],
  },
  {
    id: 'acme/new',
    title: 'on 2.0.1',
    match: { vendor: ['ACME*'], versions: ['2.0.1'] },
    quirks: [{ quirk: 'wait-after-boot', ms: 100, ...grounds }],
  },
]
const resolve = profileResolver(profiles)

function levelOf(charger: Parameters<typeof resolve>[0]) {
  const found = resolve(charger).quirks.find((one) => one.quirk === 'max-stack-level')
  return found === undefined ? undefined : [found.level, found.from]
}

suite('a charger’s profile', () => {
  test('is the vendor’s where nothing finer is known', () => {
    assert.deepEqual(levelOf({ vendor: 'ACME Inc', model: 'Hammer' }), [3, 'acme/all'])
  })
  test('is the model’s before the vendor’s, and the firmware’s before the model’s', () => {
    assert.deepEqual(levelOf({ vendor: 'acme', model: 'ANVIL 7' }), [1, 'acme/anvil'])
    assert.deepEqual(levelOf({ vendor: 'acme', model: 'anvil 7', firmware: 'v2.4' }), [
      0,
      'acme/anvil-2',
    ])
    assert.deepEqual(levelOf({ vendor: 'acme', model: 'anvil 7', firmware: 'v3.0' }), [
      1,
      'acme/anvil',
    ])
  })
  test('is that of the full name before that of a pattern', () => {
    assert.deepEqual(levelOf({ vendor: 'ACME', model: ' anvil  MINI ', firmware: '2.0' }), [
      7,
      'acme/anvil-mini',
    ])
  })
  test('keeps from the vendor what nothing finer speaks of, and says where each thing is from', () => {
    const {
      profiles: fitting,
      quirks,
      capabilities,
      vendorMessages,
    } = resolve({
      vendor: 'ACME',
      model: 'Anvil',
      firmware: '2',
    })
    assert.deepEqual(fitting, ['acme/anvil-2', 'acme/anvil', 'acme/all'])
    assert.deepEqual(
      quirks.map(({ quirk, from }) => [quirk, from]),
      [
        ['max-stack-level', 'acme/anvil-2'],
        ['ignores-pings', 'acme/all'],
      ],
    )
    assert.equal(capabilities.evses?.value, 1)
    assert.equal(capabilities.evses?.from, 'acme/anvil-2')
    assert.equal(vendorMessages[0]?.from, 'acme/all')
  })
  test('depends on the version it speaks where the profile says so', () => {
    const kinds = (protocolVersion: '1.6' | '2.0.1' | undefined) =>
      resolve({ vendor: 'ACME', protocolVersion }).quirks.map((one) => one.quirk)
    assert.ok(kinds('2.0.1').includes('wait-after-boot'))
    assert.ok(!kinds('1.6').includes('wait-after-boot'))
    assert.ok(!kinds(undefined).includes('wait-after-boot'))
  })
  test('of a charger that tells no firmware is none that asks for one', () => {
    assert.deepEqual(levelOf({ vendor: 'acme', model: 'anvil' }), [1, 'acme/anvil'])
  })
  test('is the ordinary one where nobody has described the model', () => {
    assert.deepEqual(resolveProfile({ vendor: 'Nobody', model: 'Nothing' }), ordinaryProfile)
    assert.deepEqual(resolveProfile({ vendor: null, model: null, firmware: null }), ordinaryProfile)
    assert.equal(quirkOf(undefined, 'rate-unit'), undefined)
  })
  test('is the same object however often it is asked for', () => {
    const charger = { vendor: 'ABB', model: 'CDT_TACW22::NET_WIFI', firmware: 'V1.8.21' }
    assert.equal(resolveProfile(charger), resolveProfile({ ...charger }))
  })
  test('has at most one quirk of a kind, whatever the charger says of itself', () => {
    const word = fc.oneof(
      fc.constantFrom('ACME', 'Anvil', 'Anvil Mini', 'ABB', 'TACW22', '2.1', '1.8.21', '*', ''),
      fc.string(),
    )
    fc.assert(
      fc.property(word, word, word, (vendor, model, firmware) => {
        for (const { quirks } of [
          resolve({ vendor, model, firmware }),
          resolveProfile({ vendor, model, firmware }),
        ])
          assert.equal(new Set(quirks.map((one) => one.quirk)).size, quirks.length)
      }),
    )
  })
})
