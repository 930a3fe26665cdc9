/**
 * Looks up many things by one statement: what is asked for in one turn of the event loop goes together, and
 * so does everything asked while a look-up is under way. What is found was read after it was asked for, and
 * holds what others asked for too.
 */
export function gathered<Found>(
  find: (keys: readonly string[]) => Promise<Found>,
): (keys: readonly string[]) => Promise<Found> {
  let next: { readonly asked: Set<string>; readonly found: Promise<Found> } | undefined
  let last: Promise<unknown> = Promise.resolve()

  function begin() {
    const asked = new Set<string>()
    const turn = new Promise<void>((resolve) => setImmediate(resolve))
    const found = Promise.all([turn, last]).then(() => {
      next = undefined
      return find([...asked])
    })
    last = found.catch(() => undefined)
    return { asked, found }
  }

  return (keys) => {
    next ??= begin()
    for (const key of keys) next.asked.add(key)
    return next.found
  }
}
