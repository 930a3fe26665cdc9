const units = ['B', 'kB', 'MB', 'GB'] as const

/** A number of bytes in at most three digits: `999 B`, `1.2 kB`, `25 MB`. */
export function size(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1
  return `${value.toFixed(digits)} ${units[unit]}`
}
