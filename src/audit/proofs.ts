import type { CommandProof } from '../../proof/bundle.ts'
import type { Context } from '../kernel/actor.ts'
import type { AuditEntry, AuditFilter } from './audit.ts'
import type { StoredCheckpoint } from './checkpoint-store.ts'
import type { WitnessState } from './witnesses.ts'

/** The log as somebody outside sees it. */
export interface LogState {
  /** The verifier key, and the name in it. */
  readonly key: string
  readonly origin: string
  /** Whether this node signs; another may. */
  readonly signs: boolean
  /** Why nothing is signed any more: the database does not hold what was signed. */
  readonly trouble: string | null
  readonly witnesses: readonly WitnessState[]
}

export interface InclusionProof {
  readonly sequence: number
  readonly size: number
  readonly leaf: Buffer
  readonly root: Buffer
  readonly proof: readonly Buffer[]
}

export interface ConsistencyProof {
  readonly older: number
  readonly olderRoot: Buffer
  readonly newer: number
  readonly newerRoot: Buffer
  readonly proof: readonly Buffer[]
}

/** Whether personal values are handed out, which they are unless somebody says no. */
export interface PersonalData {
  readonly personalData?: boolean
}

/** The record proven: its checkpoints, and proofs against them. */
export interface Proofs {
  state(): LogState
  /** The newest; undefined before the first. */
  checkpoint(): Promise<StoredCheckpoint | undefined>
  /** That an entry is in the tree of the newest checkpoint, or of that size. */
  inclusion(sequence: number, size?: number): Promise<InclusionProof>
  consistency(older: number, newer?: number): Promise<ConsistencyProof>
  /** A tile, as its bytes. */
  tile(level: number, index: number, width: number): Promise<Buffer>
  /** Entries as a bundle; that somebody reads the record so is itself recorded. */
  entryBundle(context: Context, index: number, width: number): Promise<Buffer>
  /** Everything recorded of a command, or of one charger in it. That it was given out is recorded. */
  command(
    context: Context,
    command: string,
    charger?: string,
    personal?: PersonalData,
  ): Promise<CommandProof>
  /**
   * The whole record up to a new checkpoint, in pieces of JSON lines. That it was given out is recorded, as
   * the last entry in it.
   */
  record(context: Context, personal?: PersonalData): Promise<AsyncIterable<string>>
  /**
   * Every entry that is looked for, oldest first, up to where the record ended when it was asked. That it was
   * given out, and what was looked for, is recorded.
   */
  entries(context: Context, filter: AuditFilter): Promise<AsyncIterable<readonly AuditEntry[]>>
  close(): Promise<void>
}
