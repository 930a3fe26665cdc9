import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { Ajv } from 'ajv'
import { realFrames } from '../../test/kit/real-frames.ts'
import { capabilityValue, isCapabilityName } from './capability.ts'
import { shippedFiles } from './library.ts'
import { quirkKinds } from './quirk.ts'
import { vendorFileSchema } from './schema.ts'

const files = shippedFiles()
const profiles = files.flatMap((file) => file.profiles)
const check = new Ajv({ allErrors: true, strict: false }).compile(vendorFileSchema)
const frames = new Set(realFrames().map(({ id }) => id))

suite('the vendors’ files', () => {
  for (const file of files)
    test(`${file.vendor} has the form of the schema`, () => {
      check(file)
      // A union tells an error for each of its kinds; those of the right one are few.
      assert.deepEqual(check.errors ?? [], [])
    })

  test('the schema beside them is the one they are checked by', () => {
    const beside = new URL('../../models/vendor-file.schema.json', import.meta.url)
    assert.deepEqual(
      JSON.parse(readFileSync(beside, 'utf8')),
      JSON.parse(JSON.stringify(vendorFileSchema)),
    )
  })

  test('describe at least thirty models, each under one id', () => {
    assert.ok(profiles.length >= 30)
    assert.equal(new Set(profiles.map(({ id }) => id)).size, profiles.length)
  })

  for (const { id, match, quirks = [], capabilities = {} } of profiles)
    test(`${id} says everything once and refers to frames that exist`, () => {
      assert.ok((match.vendor ?? match.model) !== undefined)
      assert.equal(new Set(quirks.map(({ quirk }) => quirk)).size, quirks.length)
      for (const { evidence } of quirks)
        for (const one of evidence)
          assert.ok(!/^F\d{3}$/.test(one) || frames.has(one) || one === 'F103', one)
      for (const [name, { value }] of Object.entries(capabilities)) {
        assert.ok(isCapabilityName(name), name)
        assert.notEqual(capabilityValue(name, value), undefined, name)
      }
    })

  test('use every kind of quirk', () => {
    const used = new Set(profiles.flatMap(({ quirks = [] }) => quirks.map(({ quirk }) => quirk)))
    assert.deepEqual(
      quirkKinds.filter((kind) => !used.has(kind)),
      [],
    )
  })
})
