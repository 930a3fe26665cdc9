import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { compareFirmware, isFirmwareWithin } from './firmware-version.ts'

suite('firmware versions', () => {
  for (const [older, newer] of [
    ['1.8.21', '1.8.22'],
    ['1.8.9', '1.8.10'],
    ['TAC3Z9119006710273::V1.8.21', 'TAC3Z9119006710273::V1.8.32'],
    ['v5.622', 'v06.001'],
    ['6.5.0-4217', '6.5.0-4301'],
    ['EVC04_AC_v3.187', 'EVC04_AC_v3.200'],
    ['P30 v 3.10.27 (210105-174852)', 'P30 v 3.10.57 (220330-101010)'],
    ['PFA0102|V0.00.00|V1.38.00||2.4.3.0', 'PFA0102|V0.00.00|V1.40.00||2.4.3.0'],
    ['1.8.21-rc1', '1.8.21'],
    ['1.8', '1.8b'],
    ['1.8b', '1.8.1'],
    ['20210804', '20240101'],
    ['5.4:5.0.5', '5.4:5.0.6'],
  ] as const)
    test(`${older} comes before ${newer}`, () => {
      assert.ok(compareFirmware(older, newer) < 0)
      assert.ok(compareFirmware(newer, older) > 0)
    })

  for (const [one, other] of [
    ['1.8.21', 'V1.8.21'],
    ['1.8', '1.8.0'],
    ['01.08', '1.8'],
    ['1.8.0-rc1', '1.8-RC1'],
    ['fw_1_8_21', 'fw 1-8-21'],
    ['', ''],
  ] as const)
    test(`${one} and ${other} are the same`, () => assert.equal(compareFirmware(one, other), 0))

  test('a range holds both its ends, and not the version it ends below', () => {
    assert.ok(isFirmwareWithin('1.8.21', { from: '1.8', to: '1.8.21' }))
    assert.ok(!isFirmwareWithin('1.8.22', { to: '1.8.21' }))
    assert.ok(isFirmwareWithin('6.12.4', { from: '6', below: '7' }))
    assert.ok(!isFirmwareWithin('7.0.0', { from: '6', below: '7' }))
    assert.ok(!isFirmwareWithin('5.621', { from: '6', below: '7' }))
  })
})

const parts = fc.oneof(
  fc.nat(40).map(String),
  fc.constantFrom('rc', 'beta', 'a', 'x', 'build', '0', '00', 'v', '.', '-', '_', ' ', '::'),
)
const messy = fc.oneof(
  fc.array(parts, { maxLength: 8 }).map((all) => all.join('')),
  fc.array(parts, { maxLength: 8 }).map((all) => all.join('.')),
  fc.string({ maxLength: 300 }),
)

suite('the order of firmware versions, whatever chargers write', () => {
  test('is the same forwards and backwards', () => {
    fc.assert(
      fc.property(messy, messy, (one, other) => {
        assert.equal(
          Math.sign(compareFirmware(one, other)),
          -Math.sign(compareFirmware(other, one)) + 0,
        )
        assert.equal(compareFirmware(one, one), 0)
      }),
    )
  })

  test('is transitive', () => {
    fc.assert(
      fc.property(fc.array(messy, { minLength: 3, maxLength: 3 }), (three) => {
        const [low, middle, high] = three.sort(compareFirmware) as [string, string, string]
        assert.ok(compareFirmware(low, middle) <= 0)
        assert.ok(compareFirmware(middle, high) <= 0)
        assert.ok(compareFirmware(low, high) <= 0)
      }),
      { numRuns: 500 },
    )
  })

  test('is that of the numbers where there are only numbers', () => {
    const numbers = fc.array(fc.nat(99), { minLength: 2, maxLength: 5 })
    fc.assert(
      fc.property(numbers, fc.nat(4), fc.integer({ min: 1, max: 9 }), (base, place, more) => {
        const at = place % base.length
        const greater = base.map((one, index) => (index === at ? one + more : one))
        assert.ok(compareFirmware(base.join('.'), greater.join('.')) < 0)
      }),
    )
  })
})
