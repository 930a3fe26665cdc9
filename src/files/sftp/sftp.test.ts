import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import ssh2 from 'ssh2'
import type { Client, ConnectConfig, FileEntryWithStats, SFTPWrapper, Stats } from 'ssh2'
import { eventually, filesWorld } from '../../../test/kit/files-world.ts'
import type { FilesWorld } from '../../../test/kit/files-world.ts'
import { until } from '../../../test/kit/until.ts'
import { ManualClock } from '../../kernel/clock.ts'
import type { FileSettings } from '../../kernel/settings-files.ts'

const here = { host: '127.0.0.1', port: 0 }
const log = Buffer.from('12:00 plugged in\r\n12:01 charging\n')

async function sftpWorld(t: TestContext, settings: Partial<FileSettings> = {}, more: object = {}) {
  return filesWorld(t, { sftpAddress: here, ...settings }, more)
}

interface Session {
  readonly client: Client
  readonly sftp: SFTPWrapper
}

async function loggedIn(t: TestContext, link: string, more: ConnectConfig = {}): Promise<Session> {
  const { hostname, port, username, password } = new URL(link)
  const client = new ssh2.Client()
  client.on('error', () => undefined)
  t.after(() => client.destroy())
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject)
    client.connect({ host: hostname, port: Number(port), username, password, ...more })
  })
  client.setNoDelay(true)
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) =>
    client.sftp((error, opened) => (error === undefined ? resolve(opened) : reject(error))),
  )
  return { client, sftp }
}

/** One request, as a promise. */
function asked<T = void>(
  request: (done: (error: Error | null | undefined, value?: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) =>
    request((error, value) => (error ? reject(error) : resolve(value as T))),
  )
}

const put = (sftp: SFTPWrapper, name: string, content: Buffer): Promise<void> =>
  asked((done) => sftp.writeFile(name, content, done))
const get = (sftp: SFTPWrapper, name: string): Promise<Buffer> =>
  asked((done) => sftp.readFile(name, done))
const uploadLink = (world: FilesWorld): string => world.upload({ protocols: ['SFTP'] })
const refused = (code: number) => (error: Error & { code?: number }) => error.code === code

void test('a charger uploads by SFTP, under whatever name it likes', async (t) => {
  const world = await sftpWorld(t)
  const link = uploadLink(world)
  assert.match(link, /^sftp:\/\/otau\.[\w-]{48}:ota@127\.0\.0\.1:\d+\/$/)
  const { sftp } = await loggedIn(t, link)
  const home = await asked<string>((done) => sftp.realpath('.', done))
  assert.equal(home, '/')
  await put(sftp, '/../../etc/diag.log', log)
  const [file] = await world.list()
  assert.deepEqual(
    [file!.name, file!.size, file!.protocol, file!.remoteAddress, file!.charger],
    ['diag.log', log.length, 'SFTP', '127.0.0.1', 'CP 1'],
  )
  const seen = await asked<Stats>((done) => sftp.stat('/etc/diag.log', done))
  assert.equal(seen.size, log.length, 'clients that look whether it is there see it')
  await assert.rejects(put(sftp, 'again.log', log), refused(3))
  assert.deepEqual(await world.onDisk(), [file!.id])
})

void test('large files pass, in several requests at once, up and down', async (t) => {
  const world = await sftpWorld(t, { fileMaxBytes: 20_000_000 })
  const content = randomBytes(9_000_000)
  const up = await loggedIn(t, uploadLink(world))
  await put(up.sftp, 'big.log', content)
  const [file] = await world.list()
  assert.equal(file!.size, content.length)
  const { content: kept } = await world.files.read(
    { actor: { kind: 'person', id: 'p', name: 'p' }, origin: { face: 'api' } },
    file!.id,
  )
  assert.ok(Buffer.concat(await kept.toArray()).equals(content))
  const image = await world.image(content)
  const down = await loggedIn(t, world.download(image, { protocols: ['SFTP'] }))
  assert.ok((await get(down.sftp, 'any/name')).equals(content))
})

void test('pieces may come in another order, but none may be missing or come twice', async (t) => {
  const world = await sftpWorld(t)
  const pieces = async (...offsets: number[]) => {
    const { sftp } = await loggedIn(t, uploadLink(world))
    const handle = await asked<Buffer>((done) => sftp.open('x', 'w', done))
    const writes = offsets.map((at) =>
      asked((done) => sftp.write(handle, log, at, 10, at, done as never)),
    )
    await Promise.all(writes)
    await asked((done) => sftp.close(handle, done))
  }
  await pieces(10, 0, 20)
  const [file] = await world.list()
  assert.equal(file!.size, 30)
  await assert.rejects(pieces(0, 20), refused(4))
  await assert.rejects(pieces(0, 0), refused(4))
  assert.equal((await world.onDisk()).length, 1)
})

void test('a link does what it is for and nothing else', async (t) => {
  const world = await sftpWorld(t)
  await world.image(log, 'secret.bin')
  const { sftp, client } = await loggedIn(t, uploadLink(world))
  const list = asked<FileEntryWithStats[]>((done) => sftp.readdir('/', done))
  await assert.rejects(list, refused(3))
  await assert.rejects(get(sftp, 'secret.bin'), refused(2))
  await assert.rejects(
    asked((done) => sftp.stat('/secret.bin', done)),
    refused(2),
  )
  await assert.rejects(
    asked((done) => sftp.unlink('secret.bin', done)),
    refused(8),
  )
  await assert.rejects(
    asked((done) => sftp.rename('a', 'b', done)),
    refused(8),
  )
  await assert.rejects(
    asked((done) => sftp.mkdir('a', done)),
    refused(8),
  )
  await assert.rejects(
    asked((done) => sftp.symlink('/etc/passwd', 'b', done)),
    refused(8),
  )
  await assert.rejects(asked((done) => client.exec('id', done)))
  await assert.rejects(asked((done) => client.shell(done)))
  await assert.rejects(asked((done) => client.forwardOut('127.0.0.1', 1, '127.0.0.1', 22, done)))
  const fetching = await loggedIn(
    t,
    world.download(await world.image(log), { protocols: ['SFTP'] }),
  )
  await assert.rejects(put(fetching.sftp, 'x', log), refused(3))
  assert.deepEqual(
    (await world.list()).filter(({ kind }) => kind === 'upload'),
    [],
  )
})

void test('nobody comes in without a good token', async (t) => {
  const clock = new ManualClock()
  const world = await sftpWorld(t, {}, { clock })
  const link = uploadLink(world)
  const { username } = new URL(link)
  await assert.rejects(loggedIn(t, link, { username: 'root', password: 'root' }))
  await assert.rejects(
    loggedIn(t, link, {
      username: `${username.slice(0, -1)}${username.endsWith('A') ? 'B' : 'A'}`,
    }),
  )
  const { sftp } = await loggedIn(t, link, { username: 'charger', password: username })
  await put(sftp, 'a', log)
  await clock.advance(3_601_000)
  await assert.rejects(loggedIn(t, link))
})

void test('who connects and does not log in is let go', async (t) => {
  const clock = new ManualClock()
  const world = await sftpWorld(t, {}, { clock })
  const socket = connect(Number(new URL(uploadLink(world)).port), '127.0.0.1')
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await new Promise((heard) => socket.once('data', heard))
  await clock.advance(31_000)
  await closed
})

void test('an upload that breaks off leaves nothing, and may be tried again', async (t) => {
  const world = await sftpWorld(t)
  const link = uploadLink(world)
  const broken = await loggedIn(t, link)
  const handle = await asked<Buffer>((done) => broken.sftp.open('x', 'w', done))
  await asked((done) => broken.sftp.write(handle, log, 0, 10, 0, done as never))
  await world.untilOnDisk(1)
  broken.client.destroy()
  await world.untilOnDisk(0)
  const { sftp } = await loggedIn(t, link)
  await put(sftp, 'whole.log', log)
  assert.deepEqual(
    (await world.list()).map(({ name }) => name),
    ['whole.log'],
  )
})

void test('what is too large or empty is refused', async (t) => {
  const world = await sftpWorld(t, { fileMaxBytes: 100_000 })
  const big = await loggedIn(t, uploadLink(world))
  await assert.rejects(put(big.sftp, 'a', randomBytes(500_000)), refused(4))
  const empty = await loggedIn(t, uploadLink(world))
  await assert.rejects(put(empty.sftp, 'a', Buffer.alloc(0)), refused(4))
  await world.untilOnDisk(0)
})

void test('an upload in which nothing moves is ended', async (t) => {
  const clock = new ManualClock()
  const world = await sftpWorld(t, {}, { clock })
  const { client, sftp } = await loggedIn(t, uploadLink(world))
  let closed = false
  client.once('close', () => (closed = true))
  await asked<Buffer>((done) => sftp.open('x', 'w', done))
  await world.untilOnDisk(1)
  await clock.advance(70_000)
  await until(() => closed, 'being let go')
  await world.untilOnDisk(0)
})

void test('the host key stays the same after a start and is never shown', async (t) => {
  const world = await sftpWorld(t)
  const keyOf = async (port: string) => {
    let key = ''
    const { username } = new URL(uploadLink(world))
    const link = `sftp://${username}:x@127.0.0.1:${port}`
    const hostVerifier = (offered: Buffer) => {
      key = offered.toString('base64')
      return true
    }
    await loggedIn(t, link, { hostVerifier })
    return key
  }
  const first = await keyOf(new URL(uploadLink(world)).port)
  await world.files.close()
  const again = await world.again()
  assert.equal(await keyOf(again.listeners['sftp']!.split(':').at(-1)!), first)
  await eventually(async () => (await world.list()).length === 0, 'nothing')
})
