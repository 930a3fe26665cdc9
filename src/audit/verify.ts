import { checkOpenings, commitmentsIn, type Opening } from '../../proof/commitments.ts'
import { erasedBy } from '../../proof/erasures.ts'
import type { Frontier } from '../../proof/frontier.ts'
import { emptyFrontier, frontierBytes } from '../../proof/frontier.ts'
import { leafHash } from '../../proof/hashes.ts'
import { tileWidth } from '../../proof/tiles.ts'
import type { Database } from '../storage/database.ts'
import type { AuditEntry, RecordCheck } from './audit.ts'
import { openingsOf, strayOpening } from './opening-store.ts'
import type { StoredEntry, StoredNode } from './store.ts'
import { appended, countNodes, readAfter, readEnd, readHashes } from './store.ts'

const entriesPerRead = 2048

/** Reads the record in pieces; memory stays constant however long it is. */
export async function verifyRecord(database: Database): Promise<RecordCheck> {
  const end = await readEnd(database)
  let tree = emptyFrontier
  let nodes = 0
  let closed = 0
  let accounted = 0
  while (tree.size < end.size) {
    const room = Math.min(entriesPerRead, end.size - tree.size)
    const entries = await readAfter(database, tree.size, room)
    if (entries.length === 0) return broken(tree, tree.size + 1, 'the entry is missing')
    const opened = await openingsOf(database, entries)
    for (const [index, entry] of entries.entries()) {
      const sequence = tree.size + index + 1
      const { values, open, erased, wrong } = checkEntry(
        entry,
        sequence,
        opened.get(sequence) ?? [],
      )
      if (wrong !== undefined) return { entries: sequence - 1, brokenAt: sequence, wrong }
      closed += values - open
      accounted += erased
    }
    const after = appended(
      tree,
      entries.map(({ leaf }) => leaf),
    )
    const wrong = await wrongNode(database, after.nodes)
    if (wrong !== undefined) return broken(tree, wrong, 'a subtree ending here is not as stored')
    nodes += after.nodes.length
    tree = after.frontier
  }
  if (!frontierBytes(tree).equals(frontierBytes(end)))
    return broken(tree, tree.size, 'the tree is not the one its end says')
  // What was erased while this read is told by entries that came meanwhile.
  if (closed > accounted) accounted += await erasedAfter(database, tree.size)
  if (closed > accounted)
    return broken(
      tree,
      tree.size,
      `${closed - accounted} personal values are gone that no erasure in the record accounts for`,
    )
  const found = await surplus(database, tree, nodes)
  return closed === 0 ? found : { ...found, erased: closed }
}

async function erasedAfter(database: Database, sequence: number): Promise<number> {
  let sum = 0
  for (let after = sequence; ;) {
    const entries = await readAfter(database, after, entriesPerRead)
    for (const { text } of entries) sum += erasedBy(readEntry(text))
    if (entries.length < entriesPerRead) return sum
    after = entries.at(-1)!.sequence
  }
}

/** What is stored beyond the end: nobody appended it. */
async function surplus(database: Database, tree: Frontier, nodes: number): Promise<RecordCheck> {
  const stored = await countNodes(database)
  const beyond = await readAfter(database, stored.size, 1)
  // What was appended meanwhile moved the end before it could be seen.
  if (beyond[0] !== undefined && beyond[0].sequence > (await readEnd(database)).size)
    return broken(tree, beyond[0].sequence, 'the entry lies beyond the end of the record')
  if (stored.size === tree.size && stored.nodes !== nodes)
    return broken(tree, tree.size, 'there are subtrees that the tree does not have')
  const stray = await strayOpening(database)
  if (stray !== undefined)
    return broken(
      tree,
      stray.sequence ?? tree.size,
      'a personal value is kept of no entry of the record',
    )
  return { entries: tree.size }
}

function broken(tree: Frontier, brokenAt: number, wrong: string): RecordCheck {
  return { entries: Math.min(tree.size, brokenAt - 1), brokenAt, wrong }
}

interface EntryCheck {
  /** How many personal values it commits to, and how many of them can be read. */
  readonly values: number
  readonly open: number
  /** How many personal values of the record it says were erased. */
  readonly erased: number
  readonly wrong?: string
}

/** Whether an entry fits in its place, its searchable columns and the openings of its values included. */
function checkEntry(
  entry: StoredEntry,
  sequence: number,
  openings: readonly Opening[],
): EntryCheck {
  const nothing = { values: 0, open: 0, erased: 0 }
  if (entry.sequence !== sequence) return { ...nothing, wrong: 'the entry is missing' }
  if (!leafHash(entry.text).equals(entry.leaf))
    return { ...nothing, wrong: 'the text is not the one that was hashed' }
  const said = readEntry(entry.text)
  const wrong = wrongIn(entry, said)
  if (wrong !== undefined) return { ...nothing, wrong }
  const { wrong: wrongs, ...found } = checkOpenings(commitmentsIn(said), openings)
  const counts = { ...found, erased: erasedBy(said) }
  return wrongs[0] === undefined ? counts : { ...counts, wrong: wrongs[0] }
}

function wrongIn(entry: StoredEntry, said: AuditEntry | undefined): string | undefined {
  if (said?.sequence !== entry.sequence) return 'the text belongs to another place'
  const same =
    said.at === entry.at &&
    said.event === entry.event &&
    said.actor.id === entry.actor &&
    (said.charger ?? null) === entry.charger &&
    (said.command ?? null) === entry.command
  return same ? undefined : 'a searchable column does not say what the text says'
}

function readEntry(text: string): AuditEntry | undefined {
  try {
    return JSON.parse(text) as AuditEntry
  } catch {
    return undefined
  }
}

/** The last sequence of the first subtree that is not stored as it must be. */
async function wrongNode(
  database: Database,
  nodes: readonly StoredNode[],
): Promise<number | undefined> {
  for (const level of new Set(nodes.map((node) => node.level))) {
    const here = nodes.filter((node) => node.level === level)
    const stored = await readHashes(database, level, here[0]!.index, here.length)
    const wrong = here.find(({ hash }, at) => stored[at]?.equals(hash) !== true)
    if (wrong !== undefined) return (wrong.index + 1) * tileWidth ** level
  }
  return undefined
}
