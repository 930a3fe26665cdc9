import { stripVTControlCharacters } from 'node:util'

/**
 * Text from chargers and people may hold anything. What a terminal would obey (control characters,
 * escape sequences) or what turns text around is shown as a mark instead.
 */
export function visible(text: string): string {
  return text.replaceAll(hazardous, (character) => {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x20) return String.fromCodePoint(0x2400 + code)
    return code === 0x7f ? '\u2421' : '\ufffd'
  })
}
const hazardous =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g

/** JSON a terminal can be shown: JSON itself leaves DEL and the C1 control characters as they are. */
export function visibleJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Columns the text takes in a terminal. Escape sequences take none. */
export function width(text: string): number {
  const plain = stripVTControlCharacters(text)
  if (/^[\u0020-\u007e]*$/.test(plain)) return plain.length
  let columns = 0
  for (const { segment } of graphemes.segment(plain)) columns += graphemeWidth(segment)
  return columns
}

function graphemeWidth(grapheme: string): number {
  const code = grapheme.codePointAt(0) ?? 0
  if (/^\p{Mark}/u.test(grapheme) || code === 0x200b || code === 0x200d) return 0
  if (/\p{Emoji_Presentation}|\ufe0f/u.test(grapheme)) return 2
  return wide.some(([from, to]) => code >= from && code <= to) ? 2 : 1
}
/** East Asian wide and full-width blocks (Unicode Standard Annex 11). */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
]

/**
 * The text in at most `columns` columns; what is cut off is shown as `…`. Our own colours stay, those
 * after the cut too, so that each one begun is ended.
 */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text
  if (columns < 1) return ''
  let kept = ''
  let left = columns - 1
  for (const part of text.split(colour)) {
    if (colour.test(part)) kept += part
    else if (left >= 0) {
      const begun = beginning(part, left)
      left = begun.length < part.length ? -1 : left - width(begun)
      kept += left < 0 ? `${begun}…` : begun
    }
  }
  return kept
}
const colour = new RegExp(`(${String.fromCharCode(27)}\\[[\\d;]*m)`)

/** As much of the text as fits. */
function beginning(text: string, columns: number): string {
  let kept = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    used += graphemeWidth(segment)
    if (used > columns) break
    kept += segment
  }
  return kept
}

/** The text with blanks to `columns` columns. */
export function padded(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, columns - width(text)))
  return align === 'left' ? text + blanks : blanks + text
}

/** `3 chargers`, `1 charger`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** Names some and counts the rest: `A, B, C and 34 more`. */
export function someOf(names: readonly string[], most: number, total = names.length): string {
  const shown = names.slice(0, most).map(visible)
  return total <= shown.length
    ? shown.join(', ')
    : `${shown.join(', ')} and ${total - shown.length} more`
}
