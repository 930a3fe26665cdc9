import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import path from 'node:path'
import { test } from 'node:test'
import { eventually, filesWorld } from '../../../test/kit/files-world.ts'
import { rawExchange } from '../../../test/kit/raw-http.ts'
import { selfSigned } from '../../../test/kit/self-signed.ts'
import { until } from '../../../test/kit/until.ts'
import { ManualClock } from '../../kernel/clock.ts'
import { openLog } from '../../kernel/log.ts'

const log = Buffer.from('12:00 plugged in\n12:01 charging\n')
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

void test('a log that a charger PUTs is kept as it came, with where it came from', async (t) => {
  const world = await filesWorld(t)
  const dispatch = world.newId()
  const answer = await fetch(`${world.upload({ dispatch })}diag%20CP1.tar.gz?x=1`, {
    method: 'PUT',
    body: log,
    headers: { 'content-type': 'application/gzip; x=y' },
  })
  assert.equal(answer.status, 201)
  const [file] = await world.list()
  const { id, receivedAt, expiresAt, ...told } = file!
  assert.deepEqual(told, {
    kind: 'upload',
    charger: 'CP 1',
    dispatch,
    name: 'diag CP1.tar.gz',
    size: log.length,
    sha256: sha256(log),
    contentType: 'application/gzip',
    protocol: 'HTTP',
    remoteAddress: '127.0.0.1',
    deletedAt: null,
    deletedBecause: null,
  })
  assert.equal(Date.parse(expiresAt!) - Date.parse(receivedAt), 30 * 86_400_000)
  assert.deepEqual(await readFile(path.join(world.dataDir, 'files', id)), log)
  assert.deepEqual(await world.onDisk(), [id])
  assert.deepEqual(world.received, [file])
  const [entry] = await world.audited('file.received')
  assert.deepEqual(
    [entry!.charger, entry!.dispatch, entry!.origin, entry!.detail],
    [
      'CP 1',
      dispatch,
      { face: 'charger', address: '127.0.0.1' },
      {
        file: id,
        name: 'diag CP1.tar.gz',
        size: log.length,
        sha256: told.sha256,
        protocol: 'HTTP',
      },
    ],
  )
})

void test('chargers may POST, in a form or not, and put their file name anywhere behind the link', async (t) => {
  const world = await filesWorld(t)
  const form = new FormData()
  form.append('note', 'hello')
  form.append('file', new Blob([log], { type: 'text/x-log' }), 'from-the-form.log')
  const cases: [string, RequestInit, string][] = [
    ['', { method: 'POST', body: form }, 'from-the-form.log'],
    ['a.log', { method: 'POST', body: log }, 'a.log'],
    ['/deep//down/b.log/', { method: 'PUT', body: log }, 'b.log'],
    ['', { method: 'PUT', body: log }, 'unnamed'],
  ]
  for (const [name, init, kept] of cases) {
    const answer = await fetch(`${world.upload()}${name}`, init)
    assert.ok(answer.ok, `${name}: ${answer.status} ${await answer.text()}`)
    const [file] = await world.list()
    assert.deepEqual([file!.name, file!.size], [kept, log.length])
  }
  const withoutSlash = world.upload().replace(/\/$/, '')
  assert.equal((await fetch(withoutSlash, { method: 'PUT', body: log })).status, 201)
  const behindProxy = world.upload().replace('/u/', '/ota/files/u/')
  assert.equal((await fetch(behindProxy, { method: 'PUT', body: log })).status, 201)
})

void test('an upload link works once', async (t) => {
  const world = await filesWorld(t)
  const link = world.upload()
  assert.equal((await fetch(`${link}a`, { method: 'PUT', body: log })).status, 201)
  const again = await fetch(`${link}a`, { method: 'PUT', body: log })
  assert.deepEqual(
    [again.status, await again.text()],
    [409, 'a file came with this link already\n'],
  )
  assert.equal((await world.list()).length, 1)
  assert.equal((await world.onDisk()).length, 1)
})

void test('of two uploads at once with one link the newer counts', async (t) => {
  const world = await filesWorld(t)
  const link = new URL(world.upload())
  const first = connect(Number(link.port), link.hostname)
  const ended = new Promise((resolve) => first.once('close', resolve).resume())
  first.on('error', () => undefined)
  first.write(`PUT ${link.pathname}old HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf`)
  await world.untilOnDisk(1)
  const second = await fetch(`${link.href}new`, { method: 'PUT', body: log })
  assert.equal(second.status, 201)
  await ended
  assert.deepEqual(
    (await world.list()).map(({ name }) => name),
    ['new'],
  )
  await world.untilOnDisk(1)
})

void test('links that are forged, expired or for something else are refused, and leave nothing', async (t) => {
  const clock = new ManualClock()
  const world = await filesWorld(t, {}, { clock })
  const good = world.upload()
  const token = /otau\.[\w-]+/.exec(good)![0]
  const forged = good.replace(token, `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)
  const image = await world.image(log)
  const fetched = world.download(image)
  const cases: [string, string, number][] = [
    ['PUT', forged, 403],
    ['PUT', good.replace(token, 'otau.'.padEnd(53, 'A')), 403],
    ['PUT', good.replace(token, 'x'), 404],
    ['PUT', good.replace('/u/', '/d/'), 405],
    ['PUT', fetched.replace('/d/', '/u/'), 403],
    ['GET', good.replace('/u/', '/d/'), 403],
    ['GET', good, 405],
    ['PUT', fetched, 405],
    ['DELETE', good, 405],
    ['GET', new URL('/', good).href, 404],
    ['GET', new URL('/api/v1/chargers', good).href, 404],
    ['GET', new URL('/healthz', good).href, 404],
  ]
  for (const [method, url, status] of cases) {
    const answer = await fetch(url, { method, ...(method === 'PUT' && { body: log }) })
    assert.equal(answer.status, status, `${method} ${url}: ${await answer.text()}`)
  }
  await clock.advance(3_601_000)
  assert.equal((await fetch(good, { method: 'PUT', body: log })).status, 410)
  assert.equal((await fetch(fetched)).status, 410)
  assert.deepEqual(await world.list().then((files) => files.map(({ id }) => id)), [image])
  assert.deepEqual(await world.onDisk(), [image])
})

void test('no name leads out of the folder', async (t) => {
  const world = await filesWorld(t, {}, {})
  const link = new URL(world.upload())
  const names = [
    '../../../../etc/passwd',
    '..%2f..%2f..%2fescaped',
    '%00',
    '..\\..\\x',
    '.',
    '....//',
  ]
  for (const name of names) {
    const { pathname } = new URL(world.upload())
    const answer = await rawExchange(
      { host: link.hostname, port: Number(link.port) },
      `PUT ${pathname}${name} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc`,
    )
    assert.equal(answer.status, 201, `${name}: ${answer.body}`)
  }
  const files = await world.list()
  assert.deepEqual(
    files.map(({ name }) => name),
    ['unnamed', 'unnamed', 'x', '_', 'escaped', 'passwd'],
  )
  assert.deepEqual((await world.onDisk()).sort(), files.map(({ id }) => id).sort())
})

void test('what is too large is refused while it comes, said beforehand or not', async (t) => {
  const world = await filesWorld(t, { fileMaxBytes: 100_000 })
  const tooMuch = randomBytes(3_000_000)
  const pieces = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < tooMuch.length; at += 50_000)
        controller.enqueue(tooMuch.subarray(at, at + 50_000))
      controller.close()
    },
  })
  const form = new FormData()
  form.append('file', new Blob([tooMuch]), 'big')
  const bodies: RequestInit[] = [
    { method: 'PUT', body: tooMuch },
    { method: 'PUT', body: pieces, duplex: 'half' },
    { method: 'POST', body: form },
  ]
  for (const init of bodies) {
    const answer = await fetch(world.upload(), init)
    assert.deepEqual(
      [answer.status, await answer.text()],
      [413, 'a file here has at most 100000 bytes\n'],
    )
  }
  const exact = await fetch(world.upload(), { method: 'PUT', body: tooMuch.subarray(0, 100_000) })
  assert.equal(exact.status, 201)
  assert.equal((await world.onDisk()).length, 1)
})

void test('an upload that breaks off leaves nothing, and may be tried again', async (t) => {
  const world = await filesWorld(t)
  const link = new URL(world.upload())
  const boundary = '----b'
  const inForm = [
    `--${boundary}`,
    'Content-Disposition: form-data; name="f"; filename="x.log"',
    '',
    'half of',
  ].join('\r\n')
  const heads = [
    `PUT ${link.pathname}a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf`,
    `PUT ${link.pathname}a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`,
    `POST ${link.pathname}a HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: 1000\r\n\r\n${inForm}`,
  ]
  for (const head of heads) {
    const socket = connect(Number(link.port), link.hostname)
    socket.write(head)
    await world.untilOnDisk(1)
    socket.destroy()
    await world.untilOnDisk(0)
  }
  assert.deepEqual(await world.list(), [])
  assert.equal((await fetch(link, { method: 'PUT', body: log })).status, 201)
})

void test('a form that is cut off, empty, or holds two files is refused whole', async (t) => {
  const world = await filesWorld(t)
  const two = new FormData()
  two.append('a', new Blob([log]), 'a')
  two.append('b', new Blob([log]), 'b')
  const none = new FormData()
  none.append('a', 'text')
  const cases: RequestInit[] = [
    { method: 'POST', body: two },
    { method: 'POST', body: none },
    {
      method: 'POST',
      body: '--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nno end',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    },
    { method: 'POST', body: 'x', headers: { 'content-type': 'multipart/form-data' } },
    { method: 'PUT', body: '' },
    { method: 'PUT', body: log, headers: { 'content-range': 'bytes 0-3/100' } },
  ]
  for (const init of cases) {
    const answer = await fetch(world.upload(), init)
    assert.equal(answer.status, 400, await answer.text())
  }
  assert.deepEqual([await world.list(), await world.onDisk()], [[], []])
})

void test('whoever asks first whether to send is told, before the body comes', async (t) => {
  const world = await filesWorld(t)
  const link = new URL(world.upload())
  const exchange = async (pathname: string) => {
    const socket = connect(Number(link.port), link.hostname)
    let heard = ''
    socket.setEncoding('latin1').on('data', (text: string) => (heard += text))
    socket.write(
      `PUT ${pathname} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n`,
    )
    await until(() => heard.includes('\r\n\r\n'), 'an answer')
    if (heard.includes(' 100 ')) socket.write('abc')
    await until(() => /HTTP\/1\.1 [2-5]/.test(heard), 'the last answer')
    socket.destroy()
    return heard.match(/HTTP\/1\.1 \d+/g)
  }
  assert.deepEqual(await exchange(link.pathname), ['HTTP/1.1 100', 'HTTP/1.1 201'])
  assert.deepEqual(await exchange(link.pathname), ['HTTP/1.1 409'])
})

void test('an upload in which nothing moves is ended', async (t) => {
  const clock = new ManualClock()
  const world = await filesWorld(t, {}, { clock })
  const link = new URL(world.upload())
  const socket = connect(Number(link.port), link.hostname)
  let heard = ''
  socket.setEncoding('latin1').on('data', (text: string) => (heard += text))
  socket.write(`PUT ${link.pathname} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf`)
  await world.untilOnDisk(1)
  await clock.advance(70_000)
  await until(() => heard.startsWith('HTTP/1.1 408'), 'the answer 408')
  await world.untilOnDisk(0)
  socket.destroy()
})

void test('a full disk is told as such', async (t) => {
  let free = 1_000
  const world = await filesWorld(t, {}, { freeBytes: () => Promise.resolve(free) })
  const answer = await fetch(world.upload(), { method: 'PUT', body: log })
  assert.deepEqual([answer.status, await answer.text()], [507, 'there is no room for this file\n'])
  free = 10_000_000_000
  assert.equal((await fetch(world.upload(), { method: 'PUT', body: log })).status, 201)
})

void test('a disk that fills up ends the upload that fills it', async (t) => {
  let asked = 0
  const freeBytes = (): Promise<number> => Promise.resolve(asked++ < 1 ? 1e12 : 0)
  const world = await filesWorld(t, { fileMaxBytes: 100_000_000 }, { freeBytes })
  const answer = await fetch(world.upload(), { method: 'PUT', body: Buffer.alloc(20_000_000) })
  assert.equal(answer.status, 507)
  await world.untilOnDisk(0)
})

void test('a file is fetched whole or from where a charger stopped', async (t) => {
  const world = await filesWorld(t)
  const content = randomBytes(600_000)
  const image = await world.image(content, 'Säule "1".bin')
  const link = world.download(image)
  const whole = await fetch(link)
  assert.equal(whole.status, 200)
  assert.deepEqual(Buffer.from(await whole.arrayBuffer()), content)
  const etag = whole.headers.get('etag')!
  assert.equal(etag, `"${sha256(content)}"`)
  assert.equal(
    whole.headers.get('content-disposition'),
    `attachment; filename="S_ule _1_.bin"; filename*=UTF-8''S%C3%A4ule%20%221%22.bin`,
  )
  const cases: [Record<string, string>, number, Buffer, string | null][] = [
    [{ range: 'bytes=599000-' }, 206, content.subarray(599_000), 'bytes 599000-599999/600000'],
    [{ range: 'bytes=0-0' }, 206, content.subarray(0, 1), 'bytes 0-0/600000'],
    [{ range: 'bytes=-5' }, 206, content.subarray(-5), 'bytes 599995-599999/600000'],
    [{ range: 'bytes=5-9', 'if-range': etag }, 206, content.subarray(5, 10), 'bytes 5-9/600000'],
    [{ range: 'bytes=5-9', 'if-range': '"other"' }, 200, content, null],
    [{ range: 'bytes=600000-' }, 416, Buffer.alloc(0), 'bytes */600000'],
    [{ range: 'bytes=1-2,5-6' }, 200, content, null],
  ]
  for (const [headers, status, body, range] of cases) {
    const answer = await fetch(link, { headers })
    const got = Buffer.from(await answer.arrayBuffer())
    assert.deepEqual(
      [answer.status, answer.headers.get('content-range'), got.equals(body)],
      [status, range, true],
      JSON.stringify(headers),
    )
  }
  const head = await fetch(link, { method: 'HEAD' })
  assert.deepEqual(
    [head.status, head.headers.get('content-length'), head.headers.get('accept-ranges')],
    [200, '600000', 'bytes'],
  )
  const begun = await world.audited('file.fetch-begun')
  assert.deepEqual(
    begun.map(({ charger, detail }) => [charger, detail]),
    [['CP 1', { file: image, name: 'Säule "1".bin', protocol: 'HTTP' }]],
  )
})

void test('a download link is good for so many whole files, in however many pieces', async (t) => {
  const world = await filesWorld(t)
  const image = await world.image(randomBytes(1_000))
  const link = world.download(image)
  let bytes = 0
  for (let answer = await fetch(link); ; answer = await fetch(link)) {
    const body = await answer.arrayBuffer()
    if (answer.status === 409) break
    bytes += body.byteLength
    assert.ok(bytes <= 20_000)
  }
  assert.equal(bytes, 20_000)
  assert.equal((await fetch(world.download(image))).status, 200, 'another link still works')
})

void test('a charger that does not read what it fetches is let go', async (t) => {
  const clock = new ManualClock()
  const said: string[] = []
  const log = openLog({
    level: 'info',
    name: 'files',
    destination: { write: (line) => said.push((JSON.parse(line) as { reason: string }).reason) },
  })
  const world = await filesWorld(t, { firmwareMaxBytes: 50_000_000 }, { clock, log })
  const link = new URL(world.download(await world.image(Buffer.alloc(30_000_000))))
  const socket = connect(Number(link.port), link.hostname)
  socket.pause()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => undefined)
  socket.write(`GET ${link.pathname} HTTP/1.1\r\nHost: x\r\n\r\n`)
  await eventually(
    async () => (await world.audited('file.fetch-begun')).length === 1,
    'the beginning of the download',
  )
  // The line itself takes many bytes before anything stands still.
  await eventually(async () => {
    await clock.advance(70_000)
    return said.includes('too-slow')
  }, 'the end of the download')
  socket.resume()
  await closed
  assert.ok(socket.bytesRead < 30_000_000)
})

void test('HTTPS is served with the certificate of the settings, and told', async (t) => {
  const { cert, key } = selfSigned()
  const folder = (await filesWorld(t)).dataDir
  const [fileTlsCert, fileTlsKey] = [path.join(folder, 'c.pem'), path.join(folder, 'k.pem')]
  await writeFile(fileTlsCert, cert)
  await writeFile(fileTlsKey, key)
  const world = await filesWorld(t, { fileTlsCert, fileTlsKey })
  const link = world.upload()
  assert.match(link, /^https:\/\/127\.0\.0\.1:/)
  const status = await new Promise((resolve, reject) => {
    const sent = httpsRequest(`${link}a.log`, { method: 'PUT', ca: cert }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode))
    })
    sent.on('error', reject).end(log)
  })
  assert.equal(status, 201)
  assert.equal((await world.list())[0]!.protocol, 'HTTPS')
})

void test('closing ends what is under way and leaves nothing half', async (t) => {
  const world = await filesWorld(t)
  const link = new URL(world.upload())
  const socket = connect(Number(link.port), link.hostname)
  socket.on('error', () => undefined)
  socket.write(`PUT ${link.pathname} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf`)
  await world.untilOnDisk(1)
  await world.files.close()
  assert.deepEqual(await world.onDisk(), [])
})
