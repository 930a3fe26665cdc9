/** One charger to be registered through the public API. */
export interface Row {
  readonly identity: string
  readonly credential: string
  readonly tags: readonly string[]
  readonly group?: string
}

const rowsPerImport = 2_000

/** Registers chargers in bulk, as any operator could. Those that exist get the new credential. Throws with the server's words. */
export async function register(api: string, token: string, rows: readonly Row[]): Promise<void> {
  const address = `${api.replace(/\/+$/, '')}/api/v1`
  for (const path of new Set(rows.flatMap(({ group }) => (group === undefined ? [] : [group])))) {
    await post(`${address}/groups`, token, { path }, [409])
  }
  for (let from = 0; from < rows.length; from += rowsPerImport) {
    await post(`${address}/chargers/import`, token, rows.slice(from, from + rowsPerImport))
  }
}

async function post(
  url: string,
  token: string,
  body: unknown,
  tolerated: readonly number[] = [],
): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (response.ok || tolerated.includes(response.status)) return
  throw new Error(`${url} answered ${response.status}: ${text.slice(0, 500)}`)
}
