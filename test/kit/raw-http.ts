import { connect } from 'node:net'

export interface RawAnswer {
  /** 0 when the connection ended without an HTTP answer. */
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  /** A WebSocket close frame's code, where one followed the 101. */
  readonly closeCode?: number
}

/** Sends bytes as they are and collects what comes until the peer ends, or `until` is satisfied. */
export function rawExchange(
  address: { host: string; port: number },
  request: string | Buffer,
  options: { idleMs?: number } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(address.port, address.host)
    const chunks: Buffer[] = []
    const end = () => {
      socket.destroy()
      resolve(readAnswer(Buffer.concat(chunks)))
    }
    socket.setTimeout(options.idleMs ?? 5_000, end)
    socket.on('connect', () => socket.write(request))
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (Buffer.concat(chunks).toString('latin1').startsWith('HTTP/1.1 101')) {
        const answer = readAnswer(Buffer.concat(chunks))
        if (answer.closeCode !== undefined) end()
        else if (options.idleMs === undefined) end()
      }
    })
    socket.on('end', end)
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') end()
      else reject(error)
    })
  })
}

function readAnswer(bytes: Buffer): RawAnswer {
  const text = bytes.toString('latin1')
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [statusLine = '', ...lines] = head.split('\r\n')
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const body = rest.join('\r\n\r\n')
  const frame = Buffer.from(body, 'latin1')
  const closes = frame.length >= 4 && frame[0] === 0x88
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0),
    headers,
    body,
    ...(closes && { closeCode: frame.readUInt16BE(2) }),
  }
}

/** The text of an upgrade request; headers given replace those of the same name, undefined ones are left out. */
export function upgradeRequest(
  target: string,
  headers: Record<string, string | undefined> = {},
): string {
  const all: Record<string, string | undefined> = {
    Host: 'charger.test',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'ocpp1.6',
    ...headers,
  }
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\r\n`],
  )
  return `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`
}
