/**
 * Takes secrets out of a frame before it is kept. Works on text, because what is kept are often frames
 * that are no JSON. Where a frame names a credential anywhere, every value in it is masked: the name and
 * the value may stand in either order, and a masked harmless value costs little.
 */

const credentialName = /AuthorizationKey|BasicAuthPassword|password|passphrase|secret|\bPSK\b/i
/** Members that hold a value whose name stands elsewhere, and members that are secrets by their own name. */
const valueMember =
  /("(?:value|attributeValue|[A-Za-z]*(?:password|passphrase|secret|AuthorizationKey)[A-Za-z]*)"\s*:\s*)(?:"(?:[^"\\]|\\[^])*(?:"|$)|[^\s",}\]]+)/gi

/** What is kept of a frame: its first `maxLength` characters, and what is said about it. */
export interface Masked {
  readonly excerpt: string
  /** A sentence about the frame, which may quote it. */
  detail(text: string): string
}

export function maskFrame(frame: string, maxLength: number): Masked {
  // A value cut in half is masked as well, so cutting first keeps long frames cheap.
  const excerpt = frame.slice(0, maxLength)
  if (!credentialName.test(frame))
    return { excerpt: excerpt.toWellFormed(), detail: (text) => text }
  return {
    excerpt: excerpt.replace(valueMember, '$1"***"').slice(0, maxLength).toWellFormed(),
    detail: (text) => text.replace(quoted, '"***"'),
  }
}

const quoted = /"(?:[^"\\]|\\[^])*(?:"|$)/g
