import type { CommandProof } from '../../proof/bundle.ts'
import { commandProofFormat } from '../../proof/bundle.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Database } from '../storage/database.ts'
import type { StoredCheckpoint } from './checkpoint-store.ts'
import { openingsOf } from './opening-store.ts'
import type { PersonalData } from './proofs.ts'
import { openTree } from './tree.ts'
import { readOfCommand } from './store.ts'

/** More would be tens of megabytes: whoever wants it all takes the whole record. */
export const mostProvenEntries = 2_000

interface Asked extends PersonalData {
  readonly command: string
  readonly charger: string | undefined
}

/** The proof of what is recorded of a command; `newCheckpoint` is called where the newest does not reach as far. */
export async function proveCommand(
  database: Database,
  { command, charger, personalData = true }: Asked,
  log: { readonly origin: string; readonly key: string },
  newCheckpoint: (reaching: number) => Promise<StoredCheckpoint>,
): Promise<CommandProof> {
  const entries = await readOfCommand(database, command, charger, mostProvenEntries + 1)
  const last = entries.at(-1)
  if (last === undefined)
    throw new ProblemError('not-found', `nothing is recorded of a command ${command}`, 'command')
  if (entries.length > mostProvenEntries)
    throw new ProblemError(
      'too-large',
      `more than ${mostProvenEntries} entries are recorded of this command: name one charger, or export the whole record`,
      'charger',
    )
  const { size, cosigned } = await newCheckpoint(last.sequence)
  const tree = openTree(database)
  const proven: CommandProof['entries'][number][] = []
  const openings = personalData ? await openingsOf(database, entries) : undefined
  for (const { sequence, text } of entries) {
    const proof = await tree.inclusion(sequence - 1, size)
    const open = openings?.get(sequence)
    proven.push({
      entry: text,
      proof: proof.map((hash) => hash.toString('base64')),
      ...(open === undefined ? {} : { openings: open }),
    })
  }
  return {
    format: commandProofFormat,
    command,
    ...(charger === undefined ? {} : { charger }),
    ...log,
    checkpoint: cosigned,
    entries: proven,
    ...(personalData ? {} : { withoutPersonalData: true }),
  }
}
