import { signCheckpoint } from '../../proof/checkpoint.ts'
import type { CommandProof } from '../../proof/bundle.ts'
import { leafHash } from '../../proof/hashes.ts'
import { newSignerKey } from '../../proof/keys.ts'
import type { Erasures } from '../../src/audit/erasures.ts'
import type { LogState, Proofs } from '../../src/audit/proofs.ts'
import type { Exchange } from './api-exchanges.ts'

const key = newSignerKey('example.com/record', 'log')
const hash = leafHash('x')
const text = hash.toString('base64')
const note = signCheckpoint({ origin: key.name, size: 7, root: hash }, key)
const iso = '2026-01-01T00:00:00.000Z'
const context = { actor: { kind: 'person', id: 'owner', name: 'owner' } }

const erasure = { subject: 'token:CARD', reason: 'the driver asks' }

const state: LogState = {
  key: key.text,
  origin: key.name,
  signs: true,
  trouble: null,
  witnesses: [
    { name: 'w', key: 'w+00000000+x', url: 'https://w', cosigned: 7, trouble: null },
    { name: 'v', key: 'v+00000000+x', url: 'https://v', cosigned: null, trouble: 'it is away' },
  ],
}

const proof: CommandProof = {
  format: 'ota-control-command-proof/1',
  command: 'c1',
  charger: 'CP 1',
  origin: key.name,
  key: key.text,
  checkpoint: note,
  entries: [{ entry: '{}', proof: [text] }],
}

export const willingProofs: Partial<Proofs> = {
  state: () => state,
  checkpoint: () =>
    Promise.resolve({ log: key.text, size: 7, at: Date.parse(iso), note, cosigned: note }),
  inclusion: (sequence, size = 7) =>
    Promise.resolve({ sequence, size, leaf: hash, root: hash, proof: [hash] }),
  consistency: (older, newer = 7) =>
    Promise.resolve({ older, olderRoot: hash, newer, newerRoot: hash, proof: [hash] }),
  command: () => Promise.resolve(proof),
}

export const willingErasures: Erasures = {
  erase: (_context, { subject }) => Promise.resolve({ subject, values: 3, entries: 2 }),
}

export const proofExchanges: Exchange[] = [
  {
    asks: ['GET', '/api/v1/audit/checkpoint'],
    status: 200,
    first: ['checkpoint'],
    reaches: ['state'],
    answers: { ...state, checkpoint: { size: 7, root: text, at: iso, note } },
  },
  {
    asks: ['GET', '/api/v1/audit/entries/3/proof?size=5'],
    status: 200,
    reaches: ['inclusion', 3, 5],
    answers: { sequence: 3, size: 5, leaf: text, root: text, proof: [text] },
  },
  {
    asks: ['GET', '/api/v1/audit/consistency?older=3&newer=7'],
    status: 200,
    reaches: ['consistency', 3, 7],
    answers: { older: 3, olderRoot: text, newer: 7, newerRoot: text, proof: [text] },
  },
  {
    asks: ['GET', '/api/v1/commands/c1/proof?charger=CP%201'],
    status: 200,
    reaches: ['command', context, 'c1', 'CP 1', {}],
    answers: proof,
  },
  {
    asks: ['POST', '/api/v1/audit/erasures', erasure],
    status: 200,
    reaches: ['erase', context, erasure],
    answers: { subject: erasure.subject, values: 3, entries: 2 },
  },
]
