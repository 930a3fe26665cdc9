/** What the server did not do, with its stable code. */
export class Problem extends Error {
  constructor({ code, detail, field, ...more }) {
    super(detail)
    Object.assign(this, { code, field, more })
  }
}

let csrfToken

/** Speaks to the API. A session's token is held here, in this page's memory only. */
export async function call(method, path, body) {
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(csrfToken === undefined ? {} : { 'x-csrf-token': csrfToken }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Problem({ code: 'unreachable', detail: 'The server cannot be reached.' })
  })
  const text = await response.text()
  const answer = text === '' ? undefined : JSON.parse(text)
  if (!response.ok) throw new Problem(answer)
  if (answer?.csrfToken !== undefined) csrfToken = answer.csrfToken
  return answer
}
