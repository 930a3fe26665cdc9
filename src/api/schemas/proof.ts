import { Type } from 'typebox'
import { moment, nullable } from './common.ts'

const hash = (description: string) => Type.String({ description: `${description}, in base64` })
const hashes = Type.Array(Type.String(), { description: 'Hashes in base64, from the leaf up' })
const size = (description: string) => Type.Integer({ description })

export const RecordStateSchema = Type.Object(
  {
    key: Type.String({
      description:
        'The verifier key of the record (C2SP signed-note). Keep it somewhere else: who verifies with a key from here trusts this server',
    }),
    origin: Type.String({ description: 'What the record is called in its checkpoints' }),
    signs: Type.Boolean({ description: 'Whether this node has the key; another may sign' }),
    trouble: nullable(
      Type.String({ description: 'Why nothing is signed: the database is not what was signed' }),
    ),
    checkpoint: Type.Unsafe<{
      size: number
      root: string
      at: string
      note: string
    } | null>({
      type: ['object', 'null'],
      description: 'The newest; null before the first',
      required: ['size', 'root', 'at', 'note'],
      properties: {
        size: size('How many entries it vouches for'),
        root: hash('The root of their tree'),
        at: moment('When it was signed'),
        note: Type.String({
          description: 'C2SP tlog-checkpoint, with the witnesses’ cosignatures',
        }),
      },
    }),
    witnesses: Type.Array(
      Type.Object({
        name: Type.String(),
        key: Type.String({ description: 'Its verifier key' }),
        url: Type.String(),
        cosigned: nullable(
          Type.Integer({
            description: 'The last checkpoint it cosigned for this node, by its size',
          }),
        ),
        trouble: nullable(Type.String({ description: 'Why it did not cosign the newest' })),
      }),
    ),
  },
  { $id: 'RecordState', description: 'The record as a transparency log' },
)

export const InclusionProofSchema = Type.Object(
  {
    sequence: Type.Integer({
      description: 'The entry; its leaf is the one before, counted from 0',
    }),
    size: size('How many entries the tree has'),
    leaf: hash('The entry’s leaf'),
    root: hash('The root of the tree'),
    proof: hashes,
  },
  { $id: 'InclusionProof', description: 'That an entry is in a tree (RFC 6962, 2.1.1)' },
)

export const ConsistencyProofSchema = Type.Object(
  {
    older: size('The size of the older tree'),
    olderRoot: hash('Its root'),
    newer: size('The size of the newer tree'),
    newerRoot: hash('Its root'),
    proof: hashes,
  },
  {
    $id: 'ConsistencyProof',
    description: 'That a tree is the beginning of another (RFC 6962, 2.1.2)',
  },
)

export const CommandProofSchema = Type.Object(
  {
    format: Type.Literal('ota-control-command-proof/1'),
    command: Type.String(),
    charger: Type.Optional(Type.String()),
    origin: Type.String(),
    key: Type.String(),
    checkpoint: Type.String({ description: 'A signed note' }),
    entries: Type.Array(
      Type.Object({
        entry: Type.String({ description: 'The very text that was hashed' }),
        proof: hashes,
        openings: Type.Optional(
          Type.Array(
            Type.Object({
              path: Type.String({ description: 'Where in the entry, a JSON Pointer' }),
              salt: Type.String({ description: '32 random bytes, in base64url' }),
              value: Type.String({ description: 'Canonical JSON (RFC 8785)' }),
            }),
            {
              description:
                'What its commitments stand for: each is SHA-256 over salt and value. What was erased has none',
            },
          ),
        ),
      }),
    ),
    withoutPersonalData: Type.Optional(
      Type.Literal(true, { description: 'Personal values were left out, not erased' }),
    ),
  },
  {
    $id: 'CommandProof',
    description: 'What is recorded of a command, to be verified with `otactl audit verify`',
  },
)
