/** Bytes `from` (included) to `to` (not included). */
export interface Range {
  readonly from: number
  readonly to: number
}

/**
 * What of a file of `size` bytes a `Range` header asks for (RFC 9110 14). Several ranges, and what is no
 * range of bytes, ask for the whole, as the RFC allows.
 */
export function rangeOf(
  header: string | undefined,
  size: number,
): Range | 'whole' | 'unsatisfiable' {
  const match = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(header ?? '')
  const [, first = '', last = ''] = match ?? []
  if (match === null || (first === '' && last === '')) return 'whole'
  if (first === '') {
    const length = Number(last)
    return length === 0 || size === 0
      ? 'unsatisfiable'
      : { from: Math.max(0, size - length), to: size }
  }
  const from = Number(first)
  if (last !== '' && Number(last) < from) return 'whole'
  if (from >= size) return 'unsatisfiable'
  return { from, to: last === '' ? size : Math.min(size, Number(last) + 1) }
}
