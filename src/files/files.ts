import type { Readable } from 'node:stream'
import type { Context } from '../kernel/actor.ts'
import type { Page, PageRequest } from '../kernel/page.ts'
import type { FileLinks, FileProtocol } from '../operations/file-links.ts'
import type { Within } from '../storage/within.ts'

export const fileKinds = ['upload', 'firmware'] as const
/** `upload`: a charger's log or diagnostics. `firmware`: the content of an image. */
export type FileKind = (typeof fileKinds)[number]

/** A file as it is shown. Times are ISO 8601. */
export interface StoredFile {
  readonly id: string
  readonly kind: FileKind
  /** Whose it is; null for an image, and where the command it came for is not known. */
  readonly charger: string | null
  /** The charger's part of the command it came for. */
  readonly dispatch: string | null
  /** As told, cleaned for display. */
  readonly name: string
  readonly size: number
  /** Hex. */
  readonly sha256: string
  /** As told. */
  readonly contentType: string | null
  /** Null where an operator gave it. */
  readonly protocol: FileProtocol | null
  readonly remoteAddress: string | null
  readonly receivedAt: string
  /** When its content is deleted; null: it is kept. */
  readonly expiresAt: string | null
  /** Its content is gone since; what is told of it stays. */
  readonly deletedAt: string | null
  readonly deletedBecause: string | null
}

export interface FileFilter {
  readonly charger?: string
  readonly kind?: FileKind
  readonly dispatch?: string
  /** Only those whose content is deleted, or only those still kept. */
  readonly deleted?: boolean
}

/**
 * What chargers uploaded, and what they may fetch. With `within`, uploads of other chargers are as if they
 * were not there; images belong to no charger, and are there for everybody.
 */
export interface Files {
  /** Newest first. */
  list(page: PageRequest, filter: FileFilter, within?: Within): Promise<Page<StoredFile>>
  show(id: string, within?: Within): Promise<StoredFile>
  /** The content, for a person; recorded before the first byte. `not-found` where it is deleted or kept elsewhere. */
  read(
    context: Context,
    id: string,
    within?: Within,
  ): Promise<{ file: StoredFile; content: Readable }>
  /** Deletes the content of an upload; the row stays, marked. */
  remove(context: Context, id: string, reason: string, within?: Within): Promise<void>
}

/** A content that has been taken in whole, durable on disk, and is no file yet. */
export interface TakenContent {
  readonly id: string
  readonly size: number
  /** Hex. */
  readonly sha256: string
}

/** For rooms that keep contents of their own here. Rows are written in the caller's transaction. */
export interface Keeping {
  /** Takes a content in. Throws a ProblemError (`too-large`, `storage-full`) and keeps nothing of it. */
  take(content: AsyncIterable<Buffer>, maxBytes: number): Promise<TakenContent>
  /** The content, from disk. */
  content(id: string): Readable
  /** Deletes a content that is no file, or no longer. */
  discard(id: string): Promise<void>
  /** Names the data folder the contents are below; every row of a file says it. */
  readonly store: string
}

export interface OpenFiles extends Files {
  readonly links: FileLinks
  readonly keeping: Keeping
  /** Where it really listens: `files`, and as far as they are served `ftp`, `ftps`, `sftp`, to `host:port`. */
  readonly listeners: Readonly<Record<string, string>>
  /** Ends what is under way, as if the chargers' lines had broken, and lets go of the listeners. Idempotent. */
  close(): Promise<void>
}
