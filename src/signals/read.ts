/**
 * Reading single values of a charger's message. The types of the message say what should be there;
 * these look at what is there, because a message is understood wherever its meaning is clear.
 */

/** Text with control characters taken out (some firmware pads with NUL), cut to `limit`; undefined when nothing is left. */
export function text(value: unknown, limit = 255): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint')
    return undefined
  const clean = String(value)
    .toWellFormed()
    .replaceAll(/[\u0000-\u001f\u007f-\u009f]/gu, ' ')
    .trim()
    .slice(0, limit)
    .toWellFormed()
  return clean === '' ? undefined : clean
}

/** A whole number from 0 to `most`, also from text. */
export function count(value: unknown, most: number): number | undefined {
  const number = whole(value)
  return number !== undefined && number >= 0 && number <= most ? number : undefined
}

/** A whole number, also from text. */
export function whole(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined
}

/** A finite number, also from text. */
export function real(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** The value when it is one of the known words, whatever its case; some firmware has its own. */
export function oneOf<const Word extends string>(
  words: readonly Word[],
  value: unknown,
): Word | undefined {
  if (typeof value !== 'string') return undefined
  const lower = value.trim().toLowerCase()
  return words.find((word) => word.toLowerCase() === lower)
}

/** A list, or the empty one. */
export function list<Item>(value: readonly Item[] | undefined | null): readonly Item[] {
  return Array.isArray(value) ? (value as readonly Item[]) : []
}

/** EVSE numbers beyond this are taken for noise, so that no charger can fill a table. */
export const mostEvses = 999
/** Connectors of one EVSE, likewise. */
export const mostConnectors = 99
