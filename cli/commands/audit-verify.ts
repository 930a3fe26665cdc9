import { createReadStream } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { commandProofFormat, parseCommandProof, verifyCommandProof } from '../../proof/bundle.ts'
import { parseCheckpoint, type Checkpoint } from '../../proof/checkpoint.ts'
import { linesOf } from '../../proof/lines.ts'
import { parseVerifierKey, type KeyType, type VerifierKey } from '../../proof/keys.ts'
import type { Trust, Verdict } from '../../proof/trust.ts'
import { verifyRecordLines } from '../../proof/verify-record.ts'
import { verifyTiles } from '../../proof/verify-tiles.ts'
import { exitCodes } from '../exit-codes.ts'
import { usage } from '../failure.ts'
import { mannerOf, session } from '../session.ts'
import { output, type Output } from '../terminal/output.ts'
import { visible } from '../terminal/text.ts'
import { dateTime } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { cannot } from './charger-files.ts'

export function verifyCommand(world: World) {
  const collect = (value: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    value,
  ]
  return new Command('verify')
    .description(
      'Verify an exported record, a folder of tiles or the proof of a command, without a server. ' +
        'Without a file the server checks what it has stored, which takes its word for it.',
    )
    .argument('[file]', 'what otactl audit export or otactl audit proof wrote')
    .option('--key <key>', 'the record’s verifier key, or a file that holds it')
    .option(
      '--witness-key <key>',
      'the key of a witness that must have cosigned; may be repeated',
      collect,
    )
    .option(
      '--known <file>',
      'a checkpoint kept from earlier, which the record must contain; may be repeated',
      collect,
    )
    .action(async (file, { key, witnessKey = [], known = [] }, command) => {
      if (file === undefined) return verifyStored(world, command)
      const out = output(world.out, world.err, world.env, mannerOf(command))
      if (key === undefined)
        throw usage(
          'say with --key whose signatures to trust',
          'otactl audit key shows the key of a server; keep it somewhere else.',
        )
      const trust: Trust = {
        key: await keyFrom(key, 'log'),
        witnesses: await Promise.all(witnessKey.map((one) => keyFrom(one, 'witness'))),
        known: await Promise.all(known.map(checkpointFrom)),
      }
      const verdict = await verified(file, trust)
      out.show(
        verdict,
        () => verdictText(verdict, out),
        () => (verdict.intact ? 'intact' : 'broken'),
      )
      if (!verdict.intact) world.conclude(exitCodes.notDone)
    })
}

/** What the server says of itself. */
async function verifyStored(world: World, command: Parameters<typeof session>[1]): Promise<void> {
  const { server, out } = session(world, command)
  const result = await server.ask(server.api.GET('/api/v1/audit/verify'))
  out.show(
    result,
    () =>
      result.intact
        ? `${out.paint('good', 'Intact')}: all ${result.entries} entries fit.${erasedText(result)}`
        : `${out.paint('bad', 'Broken')} at entry ${result.brokenAt}: ${visible(result.wrong ?? 'it does not fit')}.`,
    () => (result.intact ? 'intact' : 'broken'),
  )
  if (!result.intact) world.conclude(exitCodes.notDone)
}

function erasedText({ erased }: Schemas['AuditVerification']): string {
  return erased === 0
    ? ''
    : ` ${erased} personal ${erased === 1 ? 'value is' : 'values are'} erased.`
}

async function verified(file: string, trust: Trust): Promise<Verdict> {
  const found = await stat(file).catch((error: unknown) => {
    throw cannot('read', file, error)
  })
  if (found.isDirectory()) {
    const read = (name: string) => readFile(path.join(file, name)).catch(() => undefined)
    if ((await read('checkpoint')) === undefined)
      throw usage(`${file} holds no checkpoint, so it is no folder of tiles`)
    return verifyTiles(read, trust)
  }
  if (await isCommandProof(file)) {
    const proof = parseCommandProof(await readFile(file, 'utf8'))
    if (proof === undefined) throw usage(`${file} is no whole proof of a command`)
    return verifyCommandProof(proof, trust)
  }
  const text = createReadStream(file, { encoding: 'utf8' }) as AsyncIterable<string>
  return verifyRecordLines(linesOf(text), trust)
}

/** A record may be larger than memory: which of the two it is shows at its beginning. */
async function isCommandProof(file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4_096), 0, 4_096, 0)
    const beginning = buffer.toString('utf8', 0, bytesRead).trimStart()
    return !beginning.startsWith('{"record"') && beginning.includes(commandProofFormat)
  } finally {
    await handle.close()
  }
}

async function keyFrom(text: string, type: KeyType): Promise<VerifierKey> {
  const given = parseVerifierKey(text) ?? parseVerifierKey(await textIn(text))
  if (given?.type === type) return given
  throw usage(`${text} is not the verifier key of a ${type}`)
}

async function textIn(file: string): Promise<string> {
  return (await readFile(file, 'utf8').catch(() => '')).trim()
}

async function checkpointFrom(file: string): Promise<Checkpoint> {
  const checkpoint = parseCheckpoint(
    await readFile(file, 'utf8').catch((error: unknown) => {
      throw cannot('read', file, error)
    }),
  )
  if (checkpoint === undefined) throw usage(`${file} is no checkpoint`)
  return checkpoint
}

function verdictText(verdict: Verdict, { paint }: Output): string {
  const { intact, subject, entries, checkpoint, cosigned, notes, findings } = verdict
  const head = intact
    ? `${paint('good', 'Intact')}: ${visible(subject)}, ${entries} entries`
    : `${paint('bad', 'Broken')}: ${visible(subject)}, ${entries} entries`
  return [
    head,
    ...findings.map(({ where, wrong }) => `  ${paint('bad', visible(where))}: ${visible(wrong)}`),
    ...(checkpoint === undefined
      ? []
      : [
          `  checkpoint of ${visible(checkpoint.origin)}: ${checkpoint.size} entries, root ${checkpoint.root}`,
        ]),
    ...cosigned.map(
      ({ witness, at }) =>
        `  cosigned by ${visible(witness)} at ${dateTime(new Date(at).toISOString())}`,
    ),
    ...notes.map((note) => `  ${visible(note)}`),
  ].join('\n')
}
