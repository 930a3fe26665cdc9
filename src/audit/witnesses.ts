import { parseCheckpoint } from '../../proof/checkpoint.ts'
import { cosignedAt } from '../../proof/cosignature.ts'
import type { VerifierKey } from '../../proof/keys.ts'
import { parseVerifierKey } from '../../proof/keys.ts'
import { isBy, parseSignatures, signatureLine } from '../../proof/note.ts'
import { witnessRequestText } from '../../proof/witness-request.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { WitnessPlace } from '../kernel/settings-record.ts'
import type { Database } from '../storage/database.ts'
import type { StoredCheckpoint } from './checkpoint-store.ts'
import { leaseAsking, storeCosignature } from './checkpoint-store.ts'
import { openTree } from './tree.ts'

/** How it stands with one witness. */
export interface WitnessState {
  readonly name: string
  readonly key: string
  readonly url: string
  /** The last checkpoint it cosigned for this node. */
  readonly cosigned: number | null
  /** Why it did not cosign the newest; null: it did, or was not asked yet. */
  readonly trouble: string | null
}

export interface Witnesses {
  /** Asks every witness that has not cosigned this checkpoint. Never throws: what fails is in the states. */
  ask(checkpoint: StoredCheckpoint): Promise<void>
  states(): readonly WitnessState[]
}

export interface WitnessParts {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly places: readonly WitnessPlace[]
  /** Distinguishes this node from the others that might ask. */
  readonly node: string
}

const answerWithinMs = 5_000
const askAtMostMs = 20_000

type Answer =
  | { readonly end: 'cosigned'; readonly line: string; readonly at: number }
  /** The witness has cosigned this many entries, not as many as was thought. */
  | { readonly end: 'elsewhere'; readonly size: number }
  | { readonly end: 'refused'; readonly why: string }
  | { readonly end: 'away'; readonly why: string }

interface Standing {
  readonly place: WitnessPlace
  readonly key: VerifierKey
  /** What it is believed to have cosigned last. */
  size: number
  cosigned: number | null
  trouble: string | null
}

/** Throws when a key cannot be read. */
export function openWitnesses(parts: WitnessParts): Witnesses {
  const { database, clock, log, node } = parts
  const standings = parts.places.map(standingOf)

  async function askOne(standing: Standing, checkpoint: StoredCheckpoint): Promise<void> {
    const before = standing.trouble
    let answer = await request(standing, checkpoint)
    if (answer.end === 'elsewhere' && answer.size <= checkpoint.size) {
      standing.size = answer.size
      answer = await request(standing, checkpoint)
    }
    switch (answer.end) {
      case 'cosigned': {
        const { line, at } = answer
        await database.transaction((tx) =>
          storeCosignature(tx, checkpoint, { witness: standing.key.text, line, at }),
        )
        standing.size = checkpoint.size
        standing.cosigned = checkpoint.size
        standing.trouble = null
        break
      }
      case 'elsewhere':
        standing.trouble = whyElsewhere(answer.size, checkpoint.size)
        break
      case 'refused':
      case 'away':
        standing.trouble = answer.why
    }
    if (standing.trouble === null || standing.trouble === before) return
    const about = { witness: standing.key.name, url: standing.place.url, why: standing.trouble }
    if (answer.end === 'away') log.warn(about, 'a witness of the audit record does not answer')
    else log.error(about, 'ALERT: a witness refuses to cosign the audit record')
  }

  async function request(standing: Standing, checkpoint: StoredCheckpoint): Promise<Answer> {
    const proof = await openTree(database).consistency(standing.size, checkpoint.size)
    const body = witnessRequestText({ old: standing.size, proof, checkpoint: checkpoint.note })
    let response: Response
    let text: string
    const giveUp = new AbortController()
    const timer = clock.after(answerWithinMs, () => giveUp.abort())
    try {
      response = await fetch(`${standing.place.url}/add-checkpoint`, {
        method: 'POST',
        body,
        redirect: 'error',
        signal: giveUp.signal,
      })
      text = await response.text()
    } catch (error) {
      return { end: 'away', why: `it does not answer: ${reasonOf(error)}` }
    } finally {
      timer.cancel()
    }
    return readAnswer(response, text, standing, checkpoint)
  }

  return {
    async ask(checkpoint) {
      const open = standings.filter(({ cosigned }) => cosigned !== checkpoint.size)
      if (open.length === 0) return
      const now = clock.now()
      const lease = { node, now, until: now + askAtMostMs }
      if (!(await database.transaction((tx) => leaseAsking(tx, lease)))) return
      await Promise.all(
        open.map((standing) =>
          askOne(standing, checkpoint).catch((error: unknown) => {
            standing.trouble = `asking it failed: ${reasonOf(error)}`
            log.error({ err: error, witness: standing.key.name }, 'a witness could not be asked')
          }),
        ),
      )
    },
    states: () =>
      standings.map(({ place, key, cosigned, trouble }) => ({
        name: key.name,
        key: key.text,
        url: place.url,
        cosigned,
        trouble,
      })),
  }
}

function standingOf(place: WitnessPlace): Standing {
  const key = parseVerifierKey(place.key)
  if (key?.type !== 'witness')
    throw new Error(`OTA_WITNESSES: ${place.key} is not the verifier key of a witness`)
  return { place, key, size: 0, cosigned: null, trouble: null }
}

function readAnswer(
  response: Response,
  text: string,
  { key }: Standing,
  checkpoint: StoredCheckpoint,
): Answer {
  const size = /^(\d{1,15})\n$/.exec(text)?.[1]
  if (response.status === 409 && size !== undefined) return { end: 'elsewhere', size: Number(size) }
  if (response.status !== 200)
    return {
      end: response.status >= 500 ? 'away' : 'refused',
      why: `it answers ${response.status} ${text.trim().slice(0, 300)}`.trim(),
    }
  const signatures = (parseSignatures(text) ?? []).filter((one) => isBy(one, key))
  const { note } = parseCheckpoint(checkpoint.note)!
  const seconds = cosignedAt({ text: note.text, signatures }, key)
  if (seconds === undefined)
    return { end: 'refused', why: 'what it answers is no cosignature by its key' }
  return { end: 'cosigned', at: seconds * 1_000, line: signatures.map(signatureLine).join('') }
}

/** Asked again with the size it said, it says one again. */
function whyElsewhere(cosigned: number, size: number): string {
  return cosigned === size
    ? `it has cosigned another tree of ${size} entries: this is another history of the record`
    : `it has cosigned ${cosigned} entries, this record has ${size}: an older database, or another copy of this record is running`
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message : String(cause)
}
