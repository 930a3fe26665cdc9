import { hash } from 'node:crypto'

/**
 * Personal values stand in an entry as commitments: `{"commitment":"..."}`, SHA-256 over 32 random bytes and
 * the value's canonical JSON, in base64url. Whoever has the opening, the bytes and the value, can check what
 * was recorded. When it is erased the hash stays, which says nothing: the bytes cannot be guessed.
 */
export interface Commitment {
  readonly commitment: string
}

export interface Opening {
  /** Where in the entry, a JSON Pointer (RFC 6901). */
  readonly path: string
  /** In base64url. */
  readonly salt: string
  /** The very text that was hashed: canonical JSON (RFC 8785). */
  readonly value: string
}

export const saltBytes = 32

export function commitmentOf(salt: Buffer, value: string): string {
  const bytes = Buffer.allocUnsafe(saltBytes + Buffer.byteLength(value))
  salt.copy(bytes)
  bytes.write(value, saltBytes)
  return hash('sha256', bytes, 'base64url')
}

export function isCommitment(value: object): value is Commitment {
  const { commitment } = value as Partial<Commitment>
  return (
    typeof commitment === 'string' &&
    /^[\w-]{43}$/.test(commitment) &&
    Object.keys(value).length === 1
  )
}

/** How many objects and lists an entry may hold in one another, itself included; what is recorded needs a few. */
const mostLevels = 256

export const nestedTooDeep = `it is nested too deep: more than ${mostLevels} levels`

/** The entry with `replace` of every commitment in its place. What holds none is returned as it is. */
export function withoutCommitments(
  value: unknown,
  replace: (path: string, commitment: string) => unknown,
  path = '',
): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value))
    return value.map((member, index) => withoutCommitments(member, replace, `${path}/${index}`))
  if (isCommitment(value)) return replace(path, value.commitment)
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      withoutCommitments(member, replace, `${path}/${pointerPart(name)}`),
    ]),
  )
}

/** Commitments by their path, a JSON Pointer. */
export type Commitments = ReadonlyMap<string, string>

/**
 * Every commitment of an entry. Undefined where it is nested too deep: somebody made it to break its readers, most of
 * which go as deep as it does.
 */
export function commitmentsIn(entry: unknown): Commitments | undefined {
  const found = new Map<string, string>()
  return collected(entry, '', mostLevels, found) ? found : undefined
}

/** False: there are more levels than that. */
function collected(
  value: unknown,
  path: string,
  levels: number,
  found: Map<string, string>,
): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (levels === 0) return false
  if (isCommitment(value)) {
    found.set(path, value.commitment)
    return true
  }
  for (const [name, member] of Object.entries(value)) {
    // Most members are plain, and need no path.
    if (typeof member !== 'object' || member === null) continue
    if (!collected(member, `${path}/${pointerPart(name)}`, levels - 1, found)) return false
  }
  return true
}

/** A member's name as part of a JSON Pointer; NUL, which databases do not take in a text, is `~2`. */
export function pointerPart(name: string): string {
  if (!/[~/\0]|[^\0-\x7f]/.test(name)) return name
  return name.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('\0', '~2')
}

/** How many values an entry commits to, how many of them are open, and what is wrong about the openings. */
export interface OpeningsCheck {
  readonly values: number
  readonly open: number
  readonly wrong: readonly string[]
}

/** Holds openings against the commitments of their entry. */
export function checkOpenings(
  commitments: Commitments | undefined,
  openings: readonly Opening[],
): OpeningsCheck {
  if (commitments === undefined) return { values: 0, open: 0, wrong: [nestedTooDeep] }
  const seen = new Set<string>()
  const wrong = openings.flatMap(({ path, salt, value }) => {
    if (seen.has(path)) return [`there are two openings of ${path}`]
    seen.add(path)
    const commitment = commitments.get(path)
    if (commitment === undefined) return [`${path} is opened, and nothing is committed to there`]
    const bytes = Buffer.from(salt, 'base64url')
    if (bytes.length === saltBytes && commitmentOf(bytes, value) === commitment) return []
    return [`the opening of ${path} is not what was committed to: its value or salt was changed`]
  })
  return { values: commitments.size, open: openings.length, wrong }
}

export function isOpening(value: unknown): value is Opening {
  if (typeof value !== 'object' || value === null) return false
  const { path, salt, value: opened } = value as Partial<Opening>
  return typeof path === 'string' && typeof salt === 'string' && typeof opened === 'string'
}

/** What a verdict says of personal values, where there are any; `accounted`: of how many their erasure is told. */
export function personalNotes(
  { values, open }: Pick<OpeningsCheck, 'values' | 'open'>,
  withheld: boolean,
  accounted = values,
): string[] {
  if (values === 0) return []
  if (withheld) return [`of ${values} personal values none is shown here`]
  const closed = values - open
  const silent = Math.max(0, closed - accounted)
  return [
    `of ${values} personal values ${closed === 0 ? 'none is' : `${closed} are`} erased`,
    ...(silent === 0
      ? []
      : [`${silent} of them are gone without an entry here that accounts for it`]),
  ]
}
