/**
 * How many personal values an entry says were erased: by rule or on request. One that names what it was done
 * for by a commitment has no opening of that itself.
 */
export function erasedBy(entry: unknown): number {
  const { event, detail } = (entry ?? {}) as { readonly event?: unknown; readonly detail?: unknown }
  if (event !== 'audit.erased' && event !== 'audit.personal-expired') return 0
  const { values, identifier } = (detail ?? {}) as Readonly<Record<string, unknown>>
  return (Number.isSafeInteger(values) ? Number(values) : 0) + (identifier === undefined ? 0 : 1)
}
