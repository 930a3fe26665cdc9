import assert from 'node:assert/strict'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { cosign } from '../../proof/cosignature.ts'
import { newSignerKey } from '../../proof/keys.ts'
import { parseNote, signatureLine } from '../../proof/note.ts'
import { entriesIn, entryBundle } from '../../proof/tiles.ts'
import { apiWorld } from '../../test/kit/api-world.ts'
import { listening, run } from '../../test/kit/otactl.ts'
import { recordWorld, temporaryFolder } from '../../test/kit/record.ts'
import { openErasures } from '../../src/audit/erasures.ts'
import { openAudit } from '../../src/audit/open-audit.ts'

/** A server that nobody reaches: what is verified is verified without one. */
const url = 'http://127.0.0.1:9'

/** A record of 301 entries, exported in every form. */
async function exports(t: TestContext) {
  const { open, append } = await recordWorld(t)
  const proofs = await open()
  await append(300)
  const server = await listening(await apiWorld(t, { parts: { proofs } }))
  const folder = await temporaryFolder(t)
  const at = (name: string) => path.join(folder, name)
  const otactl = async (...argv: string[]) => {
    const called = await run(['audit', ...argv], { url: server })
    assert.equal(called.code, 0, called.err)
    return called.out
  }
  await writeFile(at('key'), await otactl('key'))
  await otactl('export', '-o', at('record.jsonl'))
  await otactl('proof', 'c-1', '--charger', 'CP-1', '-o', at('proof.json'))
  await otactl('export', '--tiles', at('tiles'))
  await writeFile(at('checkpoint'), await otactl('checkpoint', '-q'))
  const verify = (name: string, ...argv: string[]) =>
    run(['audit', 'verify', at(name), '--key', at('key'), ...argv], { url })
  const change = async (name: string, from: string | RegExp, to: string) => {
    const text = await readFile(at(name), 'utf8')
    assert.notEqual(text.replace(from, to), text)
    await writeFile(at(name), text.replace(from, to))
  }
  return { at, verify, change }
}

test('a record, tiles and the proof of a command verify without a server', async (t) => {
  const { verify, at } = await exports(t)
  const record = await verify('record.jsonl', '--known', at('checkpoint'))
  assert.equal(record.code, 0, record.out)
  assert.match(record.out, /^Intact: the whole record, 302 entries\n/)
  assert.match(record.out, /contains the tree of 30[12] entries known from before/)
  const tiles = await verify('tiles')
  assert.equal(tiles.code, 0, tiles.out)
  const proof = await verify('proof.json')
  assert.match(proof.out, /^Intact: command c-1 on CP-1, 50 entries\n/)
  assert.deepEqual([(await verify('record.jsonl', '-q')).out], ['intact\n'])
})

test('personal data is erased or left out, and what is left verifies', async (t) => {
  const { open, append, database, clock } = await recordWorld(t)
  const audit = openAudit({ database })
  const nobodyIn = () => Promise.resolve([])
  const known = { namesOf: nobodyIn, makersOf: nobodyIn, needFresh: () => undefined }
  const erasures = openErasures({ database, audit, clock, ...known })
  const proofs = await open()
  // A reason that was pasted may hold what some take for the end of a line.
  await append(3, { reason: 'asked by\u2028Ben\u2029\u0085' })
  const parts = { proofs, audit, erasures }
  const server = await listening(await apiWorld(t, { parts }))
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'record.jsonl')
  const key = (await run(['audit', 'key', '-q'], { url: server })).out.trim()
  const verdict = async (...flags: string[]) => {
    await run(['audit', 'export', '-o', file, ...flags], { url: server })
    const { code, out } = await run(['audit', 'verify', file, '--key', key], { url })
    assert.equal(code, 0, out)
    await rm(file)
    return out
  }
  assert.match(await verdict(), /of \d+ personal values none is erased/)
  assert.match(await verdict('--no-personal-data'), /of \d+ personal values none is shown here/)
  const why = ['--reason', 'request 4711']
  const erased = await run(['audit', 'erase', 'person:auditor', ...why], { url: server })
  assert.equal(erased.code, 0, erased.err)
  assert.match(erased.out, /^9 personal values of person:auditor are erased, in 3 entries\./)
  assert.match(await verdict(), /of \d+ personal values 9 are erased/)
  const stored = await run(['audit', 'verify'], { url: server })
  assert.match(stored.out, /^Intact: all \d+ entries fit\. 9 personal values are erased\./)
})

test('what was changed is named, and the exit code is 3', async (t) => {
  const { verify, change, at } = await exports(t)
  await change('record.jsonl', /"index":77,/, '"index":78,')
  await change('proof.json', 'command.sent', 'command.lost')
  const record = await verify('record.jsonl')
  assert.equal(record.code, 3)
  assert.match(record.out, /^Broken: the whole record/)
  assert.match(record.out, /entry 79: its text is not the one that was hashed when it was appended/)
  const proof = await verify('proof.json')
  assert.equal(proof.code, 3)
  assert.match(proof.out, /entry \d+: it is not in the signed tree/)

  const bundle = path.join(at('tiles'), 'tile/entries/000')
  await writeFile(
    bundle,
    (await readFile(bundle, 'latin1')).replace('"index":5,', '"index":6,'),
    'latin1',
  )
  assert.match((await verify('tiles')).out, /entry 7: its text is not the one/)
  await rm(bundle)
  assert.match((await verify('tiles')).out, /tile\/entries\/000: it is missing/)
  const json = JSON.parse((await verify('tiles', '--json')).out) as { findings: unknown[] }
  assert.ok(json.findings.length > 0)
})

const deep = `"index":${'['.repeat(20_000)}${']'.repeat(20_000)},`

test('an entry that was nested to break the verifier is named like any other', async (t) => {
  const { verify, change, at } = await exports(t)
  await change('record.jsonl', '"index":77,', deep)
  const inProof = JSON.stringify(deep).slice(1, -1)
  await change('proof.json', JSON.stringify('"index":1,').slice(1, -1), inProof)
  const tile = path.join(at('tiles'), 'tile/entries/000')
  const entries = entriesIn(await readFile(tile))!
  const texts = entries.map((text) => text.replace('"index":77,', deep))
  await writeFile(tile, entryBundle(texts))
  for (const [file, entry] of [
    ['record.jsonl', 79],
    ['tiles', 79],
    ['proof.json', 3],
  ] as const) {
    const { code, out, err } = await verify(file)
    assert.equal(code, 3, err)
    assert.match(out, new RegExp(`entry ${entry}: it is nested too deep`))
  }
})

test('a witness that must have cosigned has, or is named', async (t) => {
  const { verify, at } = await exports(t)
  const witness = newSignerKey('witness.example.com', 'witness')
  assert.match(
    (await verify('record.jsonl', '--witness-key', witness.text)).out,
    /witness\.example\.com has not cosigned it/,
  )
  const proof = JSON.parse(await readFile(at('proof.json'), 'utf8')) as { checkpoint: string }
  const { text } = parseNote(proof.checkpoint)!
  const checkpoint = proof.checkpoint + signatureLine(cosign(text, witness, 1_700_000_000))
  await cp(at('proof.json'), at('plain.json'))
  await writeFile(at('proof.json'), JSON.stringify({ ...proof, checkpoint }))
  const cosigned = await verify('proof.json', '--witness-key', witness.text)
  assert.equal(cosigned.code, 0, cosigned.out)
  assert.match(cosigned.out, /cosigned by witness\.example\.com/)
  const other = newSignerKey('witness.example.com', 'witness')
  assert.equal((await verify('proof.json', '--witness-key', other.text)).code, 3)
})

test('without a key, or with what is none, nothing is verified', async (t) => {
  const { at, verify } = await exports(t)
  const keyless = await run(['audit', 'verify', at('record.jsonl')], { url })
  assert.equal(keyless.code, 2)
  assert.match(keyless.err, /--key/)
  const wrong = await run(['audit', 'verify', at('record.jsonl'), '--key', 'x'], { url })
  assert.equal(wrong.code, 2)
  assert.equal((await verify('nothing')).code, 2)
  const witness = newSignerKey('w', 'witness').text
  assert.equal(
    (await run(['audit', 'verify', at('record.jsonl'), '--key', witness], { url })).code,
    2,
  )
})
