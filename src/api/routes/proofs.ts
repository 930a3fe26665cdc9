import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { parseCheckpoint } from '../../../proof/checkpoint.ts'
import { parseTileIndex } from '../../../proof/tiles.ts'
import type { StoredCheckpoint } from '../../audit/checkpoint-store.ts'
import type { Proofs } from '../../audit/proofs.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { App } from '../app.ts'
import { Identity, refTo, strict, type Frozen } from '../schemas/common.ts'
import {
  CommandProofSchema,
  ConsistencyProofSchema,
  InclusionProofSchema,
  RecordStateSchema,
} from '../schemas/proof.ts'

const tags = ['audit']

type Room = Omit<Proofs, 'close'>

const bytes = (type: string, description: string) => ({
  200: {
    description,
    content: { [type]: { schema: Type.Unsafe<never>({ type: 'string', format: 'binary' }) } },
  },
})

const PersonalData = Type.Optional(
  Type.Boolean({ description: 'Whether personal values are in it; yes, unless it is false' }),
)

const Sequence = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })

/** Checkpoints of the record, and proofs against them. */
export function proofRoutes(app: App, { proofs }: { proofs: Room }): void {
  app.get(
    '/api/v1/audit/checkpoint',
    {
      schema: {
        operationId: 'showCheckpoint',
        permission: 'audit.read',
        summary: 'Shows the newest signed checkpoint of the record, and the key it is signed with',
        tags,
        response: { 200: refTo(RecordStateSchema) },
      },
    },
    async () => shownState(proofs, await proofs.checkpoint()),
  )

  app.get(
    '/api/v1/audit/entries/:sequence/proof',
    {
      schema: {
        operationId: 'proveEntry',
        permission: 'audit.read',
        summary: 'Proves that an entry is in the record',
        tags,
        params: strict({ sequence: Sequence }),
        querystring: strict({
          size: Type.Optional({
            ...Sequence,
            description: 'Of the tree; without it, that of the newest checkpoint',
          }),
        }),
        response: { 200: refTo(InclusionProofSchema) },
        problems: ['not-found', 'not-ready'],
      },
    },
    async ({ params, query }) => {
      const { leaf, root, proof, ...rest } = await proofs.inclusion(params.sequence, query.size)
      return { ...rest, leaf: base64(leaf), root: base64(root), proof: proof.map(base64) }
    },
  )

  app.get(
    '/api/v1/audit/consistency',
    {
      schema: {
        operationId: 'proveConsistency',
        permission: 'audit.read',
        summary: 'Proves that the record of one size is the beginning of that of another',
        tags,
        querystring: strict({
          older: Sequence,
          newer: Type.Optional({ ...Sequence, description: 'Without it, what there is now' }),
        }),
        response: { 200: refTo(ConsistencyProofSchema) },
      },
    },
    async ({ query }) => {
      const found = await proofs.consistency(query.older, query.newer)
      const { olderRoot, newerRoot, proof, ...rest } = found
      return {
        ...rest,
        olderRoot: base64(olderRoot),
        newerRoot: base64(newerRoot),
        proof: proof.map(base64),
      }
    },
  )

  app.get(
    '/api/v1/audit/export',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'exportAudit',
        permission: 'audit.export',
        summary: 'Exports the whole record, to be verified anywhere',
        description:
          'JSON lines: a header, every entry as the very text that was hashed, what its commitments to personal values stand for, the stored hashes, and the signed checkpoints. `otactl audit verify` reads it. That it was exported, and by whom, is its last entry.',
        tags,
        querystring: strict({ personalData: PersonalData }),
        response: bytes('application/jsonl', 'The record'),
        problems: ['not-ready'],
      },
    },
    async (request, reply) => {
      const { caller, query } = request
      wholeRecord(request)
      const pieces = await proofs.record(caller, query)
      return await reply
        .type('application/jsonl')
        .header('content-disposition', 'attachment; filename="ota-control-record.jsonl"')
        .send(Readable.from(pieces, { objectMode: false }))
    },
  )
}

/** The record as static files are laid out by C2SP tlog-tiles, below this prefix. */
export function tileRoutes(app: App, { proofs }: { proofs: Room }): void {
  app.get(
    '/api/v1/audit/tiles/checkpoint',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'readCheckpoint',
        permission: 'audit.export',
        summary: 'The newest checkpoint as it is signed (C2SP tlog-checkpoint)',
        tags,
        response: bytes('text/plain', 'The signed note'),
        problems: ['not-found'],
      },
    },
    async (_request, reply) => {
      const newest = await proofs.checkpoint()
      if (newest === undefined) throw new ProblemError('not-found', 'nothing is signed yet')
      return await reply.type('text/plain; charset=utf-8').send(newest.cosigned)
    },
  )

  app.get(
    '/api/v1/audit/tiles/tile/:level/*',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'readTile',
        permission: 'audit.export',
        summary: 'A tile of the record’s tree, or a bundle of entries (C2SP tlog-tiles)',
        description:
          'The level is a number, or `entries`; behind it the index, e.g. `x001/x234/067` or, where a tile is not full yet, `005.p/112`. Reading entries is recorded.',
        tags,
        params: strict({
          level: Type.String({ pattern: '^(entries|[0-9]|[1-5][0-9]|6[0-3])$' }),
          '*': Type.String({ minLength: 3, maxLength: 40 }),
        }),
        response: bytes(
          'application/octet-stream',
          'Hashes side by side, or entries each behind its length',
        ),
        problems: ['not-found', 'too-large'],
      },
    },
    async (request, reply) => {
      const { params, caller } = request
      wholeRecord(request)
      const place = parseTileIndex(params['*'])
      if (place === undefined) throw new ProblemError('not-found', 'this is no address of a tile')
      const { index, width } = place
      const tile =
        params.level === 'entries'
          ? await proofs.entryBundle(caller, index, width)
          : await proofs.tile(Number(params.level), index, width)
      return await reply.type('application/octet-stream').send(tile)
    },
  )
}

/** What is recorded of one command, with everything needed to verify it. */
export function commandProofRoute(app: App, { proofs }: { proofs: Room }): void {
  app.get(
    '/api/v1/commands/:id/proof',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'proveCommand',
        permission: 'audit.export',
        summary: 'Everything recorded of a command, with its proof',
        description:
          'To be verified anywhere with `otactl audit verify`. It proves what is in it; that nothing was left out, only the whole record proves. That it was exported is recorded.',
        tags,
        params: strict({ id: Type.String({ minLength: 1, maxLength: 100 }) }),
        querystring: strict({
          charger: Type.Optional({ ...Identity, description: 'Only what concerns this charger' }),
          personalData: PersonalData,
        }),
        response: { 200: refTo(CommandProofSchema) },
        problems: ['not-found', 'too-large', 'not-ready'],
      },
    },
    async (request) => {
      wholeRecord(request)
      const { params, query, caller } = request
      const { charger, ...personal } = query
      return await proofs.command(caller, params.id, charger, personal)
    },
  )
}

/** The record is one: it has no parts for groups. */
function wholeRecord({ scope }: Pick<FastifyRequest, 'scope'>): void {
  if (scope !== 'everywhere')
    throw new ProblemError(
      'not-permitted',
      'your roles allow audit.export in some groups only; the record as such needs it everywhere',
    )
}

function shownState(
  proofs: Pick<Room, 'state'>,
  checkpoint: StoredCheckpoint | undefined,
): Frozen<Static<typeof RecordStateSchema>> {
  const parsed = checkpoint === undefined ? undefined : parseCheckpoint(checkpoint.note)
  return {
    ...proofs.state(),
    checkpoint:
      checkpoint === undefined || parsed === undefined
        ? null
        : {
            size: checkpoint.size,
            root: base64(parsed.root),
            at: new Date(checkpoint.at).toISOString(),
            note: checkpoint.cosigned,
          },
  }
}

function base64(hash: Buffer): string {
  return hash.toString('base64')
}
