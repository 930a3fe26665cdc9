import assert from 'node:assert/strict'
import test from 'node:test'
import { parseCheckpoint, signCheckpoint } from './checkpoint.ts'
import { cosign, cosignedAt } from './cosignature.ts'
import { leafHash } from './hashes.ts'
import { newSignerKey, parseSignerKey, parseVerifierKey } from './keys.ts'
import { isSigned, noteText, parseNote } from './note.ts'

// The example that golang.org/x/mod/sumdb/note documents, whose form the specification took over.
const documented = {
  key: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  note:
    'If you think cryptography is the answer to your problem,\n' +
    "then you don't know what your problem is.\n" +
    '\n' +
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
}

test('a note signed by another implementation verifies, and not when a letter is changed', () => {
  const key = parseVerifierKey(documented.key)!
  assert.ok(isSigned(parseNote(documented.note)!, key))
  assert.ok(!isSigned(parseNote(documented.note.replace('is the', 'is no'))!, key))
})

test('a key survives its text, and a text with a letter changed is no key', () => {
  for (const type of ['log', 'witness'] as const) {
    const key = newSignerKey('example.com/log', type)
    const read = parseSignerKey(key.secretText)!
    assert.equal(read.text, key.text)
    assert.equal(parseVerifierKey(key.text)!.text, key.text)
    assert.equal(parseVerifierKey(key.text.replace('example', 'exbmple')), undefined)
    assert.equal(parseSignerKey(key.text), undefined)
  }
})

test('a checkpoint reads back, and is signed by its log alone', () => {
  const key = newSignerKey('example.com/log', 'log')
  const head = { origin: 'example.com/log', size: 7, root: leafHash('x') }
  const text = signCheckpoint(head, key)
  const read = parseCheckpoint(text)!
  assert.deepEqual({ ...read, note: undefined }, { ...head, note: undefined })
  assert.ok(isSigned(read.note, key))
  assert.ok(!isSigned(read.note, newSignerKey('example.com/log', 'log')))
  assert.ok(!isSigned(parseCheckpoint(text.replace('\n7\n', '\n8\n'))!.note, key))
})

test('what is no checkpoint is not read as one', () => {
  const key = newSignerKey('a', 'log')
  const text = signCheckpoint({ origin: 'a', size: 7, root: leafHash('x') }, key)
  for (const wrong of [
    '',
    'a\n7\n',
    text.replace('\n7\n', '\n07\n'),
    text.replace('\n7\n', '\n-7\n'),
    text.replace('\n\n', '\n'),
    text.slice(0, -1),
    text.replace('— ', '- '),
    text.replace('a\n', '\u0007a\n'),
  ])
    assert.equal(parseCheckpoint(wrong), undefined, JSON.stringify(wrong))
})

test('a cosignature says when, and holds for this checkpoint and this witness only', () => {
  const key = newSignerKey('example.com/log', 'log')
  const witness = newSignerKey('example.com/witness', 'witness')
  const { note } = parseCheckpoint(
    signCheckpoint({ origin: 'example.com/log', size: 7, root: leafHash('x') }, key),
  )!
  const signature = cosign(note.text, witness, 1_700_000_000)
  const cosigned = { ...note, signatures: [...note.signatures, signature] }
  assert.deepEqual(parseNote(noteText(cosigned)), cosigned)
  assert.equal(cosignedAt(cosigned, witness), 1_700_000_000)
  assert.equal(cosignedAt(note, witness), undefined)
  assert.equal(cosignedAt(cosigned, newSignerKey('example.com/witness', 'witness')), undefined)
  assert.equal(cosignedAt({ ...cosigned, text: note.text.replace('7', '8') }, witness), undefined)
  assert.ok(isSigned(cosigned, key))
})

test('a signature by the right key that does not verify spoils the note', () => {
  const key = newSignerKey('a', 'log')
  const { note } = parseCheckpoint(
    signCheckpoint({ origin: 'a', size: 7, root: leafHash('x') }, key),
  )!
  const wrong = { ...note.signatures[0]!, bytes: Buffer.alloc(64) }
  assert.ok(!isSigned({ ...note, signatures: [...note.signatures, wrong] }, key))
})
