import { hashBytes } from './hashes.ts'

/** The body of `add-checkpoint` as C2SP tlog-witness writes it. */
export interface WitnessRequest {
  /** The size that the witness is believed to have cosigned last. */
  readonly old: number
  readonly proof: readonly Buffer[]
  /** A signed note. */
  readonly checkpoint: string
}

const mostHashes = 63

export function witnessRequestText({ old, proof, checkpoint }: WitnessRequest): string {
  const lines = [`old ${old}`, ...proof.map((hash) => hash.toString('base64')), '']
  return `${lines.join('\n')}\n${checkpoint}`
}

/** Undefined: not written as the specification says. */
export function parseWitnessRequest(text: string): WitnessRequest | undefined {
  const end = text.indexOf('\n\n')
  if (end === -1) return undefined
  const [first, ...hashes] = text.slice(0, end).split('\n')
  const old = /^old (0|[1-9]\d{0,14})$/.exec(first!)?.[1]
  if (old === undefined || hashes.length > mostHashes) return undefined
  const proof = hashes.map((hash) => Buffer.from(hash, 'base64'))
  const sound = proof.every(
    (hash, at) => hash.length === hashBytes && hash.toString('base64') === hashes[at],
  )
  return sound ? { old: Number(old), proof, checkpoint: text.slice(end + 2) } : undefined
}
