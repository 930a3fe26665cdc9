import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import path from 'node:path'
import { Readable, Writable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { Client, FTPError } from 'basic-ftp'
import type { FilesWorld } from '../../../test/kit/files-world.ts'
import { eventually, filesWorld } from '../../../test/kit/files-world.ts'
import { selfSigned } from '../../../test/kit/self-signed.ts'
import { until } from '../../../test/kit/until.ts'
import type { FilesOptions } from '../open-files.ts'
import type { FileSettings } from '../../kernel/settings-files.ts'
import { ManualClock } from '../../kernel/clock.ts'

const here = { host: '127.0.0.1', port: 0 }
const log = Buffer.from('12:00 plugged in\r\n12:01 charging\n')

async function ftpWorld(
  t: TestContext,
  settings: Partial<FileSettings> = {},
  more: Partial<FilesOptions> = {},
) {
  const ports = { first: 42_000, last: 42_199 }
  return filesWorld(t, { ftpAddress: here, ftpPassivePorts: ports, ...settings }, more)
}

/** A client where a link says, with the link's user and password. */
async function loggedIn(t: TestContext, link: string, more: object = {}): Promise<Client> {
  const { hostname, port, username, password } = new URL(link)
  const client = new Client(5_000)
  t.after(() => client.close())
  await client.access({ host: hostname, port: Number(port), user: username, password, ...more })
  return client
}

const uploadLink = (world: FilesWorld): string => world.upload({ protocols: ['FTP'] })

/** A control connection by hand. */
async function byHand(world: FilesWorld) {
  const port = Number(world.files.listeners['ftp']!.split(':').at(-1))
  const socket: Socket = connect(port, '127.0.0.1')
  let heard = ''
  socket.setEncoding('utf8').on('data', (text: string) => (heard += text))
  socket.on('error', () => undefined)
  await until(() => heard.startsWith('220'), 'the greeting')
  return {
    socket,
    async say(line: string): Promise<string> {
      heard = ''
      socket.write(`${line}\r\n`, 'latin1')
      await until(() => /^\d{3} .*\r\n$/m.test(heard), `an answer to ${line}`)
      return heard.trimEnd()
    },
    heard: () => heard,
  }
}

void test('a charger uploads by FTP, whatever folder and name it likes', async (t) => {
  const world = await ftpWorld(t)
  const link = uploadLink(world)
  assert.match(link, /^ftp:\/\/otau\.[\w-]{48}:ota@127\.0\.0\.1:\d+\/$/)
  const client = await loggedIn(t, link)
  await client.cd('/some/../deep/folder')
  assert.equal(await client.pwd(), '/deep/folder')
  await client.uploadFrom(Readable.from([log]), '../../etc/diag.log')
  const [file] = await world.list()
  assert.deepEqual(
    [file!.name, file!.size, file!.protocol, file!.remoteAddress, file!.charger],
    ['diag.log', log.length, 'FTP', '127.0.0.1', 'CP 1'],
  )
  await assert.rejects(
    client.uploadFrom(Readable.from([log]), 'again.log'),
    (error: FTPError) => error.code === 553,
  )
  assert.deepEqual(await world.onDisk(), [file!.id])
})

void test('the token may stand in the password, where user names are short', async (t) => {
  const world = await ftpWorld(t)
  const link = uploadLink(world)
  const { username } = new URL(link)
  const client = await loggedIn(t, link, { user: 'charger', password: username })
  await client.uploadFrom(Readable.from([log]), 'a')
  assert.equal((await world.list()).length, 1)
})

void test('a firmware image is fetched by FTP, also from where a charger stopped', async (t) => {
  const world = await ftpWorld(t)
  const content = randomBytes(900_000)
  const client = await loggedIn(
    t,
    world.download(await world.image(content), { protocols: ['FTP'] }),
  )
  assert.equal(await client.size('whatever.bin'), content.length)
  for (const offset of [0, 800_000]) {
    const got: Buffer[] = []
    const into = new Writable({
      write(chunk: Buffer, _encoding, done) {
        got.push(chunk)
        done()
      },
    })
    await client.downloadTo(into, '/x/../image.bin', offset)
    assert.ok(Buffer.concat(got).equals(content.subarray(offset)))
  }
})

void test('a link does what it is for and nothing else', async (t) => {
  const world = await ftpWorld(t)
  await world.image(log, 'secret.bin')
  const uploading = await loggedIn(t, uploadLink(world))
  const refused = (code: number) => (error: FTPError) => error.code === code
  await assert.rejects(uploading.list(), refused(550))
  await assert.rejects(uploading.size('secret.bin'), refused(550))
  await assert.rejects(uploading.remove('secret.bin'), refused(502))
  await assert.rejects(uploading.rename('a', 'b'), refused(502))
  await assert.rejects(uploading.send('MKD x'), refused(502))
  await assert.rejects(uploading.send('SITE EXEC ls'), refused(502))
  await assert.rejects(uploading.send('PORT 127,0,0,1,4,1'), refused(502))
  await assert.rejects(uploading.send('EPRT |1|127.0.0.1|1025|'), refused(502))
  await assert.rejects(
    uploading.downloadTo(new Writable({ write: () => undefined }), 'secret.bin'),
    refused(550),
  )
  const image = await world.image(log)
  const fetching = await loggedIn(t, world.download(image, { protocols: ['FTP'] }))
  await assert.rejects(fetching.uploadFrom(Readable.from([log]), 'x'), refused(553))
  assert.deepEqual(
    (await world.list()).filter(({ kind }) => kind === 'upload'),
    [],
  )
})

void test('nobody comes in without a good token, and who tries often is sent away', async (t) => {
  const clock = new ManualClock()
  const world = await ftpWorld(t, {}, { clock })
  const link = uploadLink(world)
  const forged = new URL(link)
  forged.username = `${forged.username.slice(0, -1)}${forged.username.endsWith('A') ? 'B' : 'A'}`
  const refused = (error: FTPError) => error.code === 530
  await assert.rejects(loggedIn(t, forged.href), refused)
  await assert.rejects(loggedIn(t, link, { user: 'anonymous', password: 'guest' }), refused)
  const hand = await byHand(world)
  assert.match(await hand.say('STOR x'), /^530 /)
  assert.match(await hand.say('PASV'), /^530 /)
  for (let tries = 0; tries < 3; tries += 1) {
    await hand.say('USER root')
    assert.match(await hand.say('PASS root'), /^530 /)
  }
  await until(() => hand.socket.closed, 'being sent away')
  await clock.advance(3_601_000)
  await assert.rejects(loggedIn(t, link), /expired/)
})

void test('what breaks off or is aborted is not kept, and may be tried again', async (t) => {
  const world = await ftpWorld(t)
  const link = uploadLink(world)
  const { username } = new URL(link)
  for (const ending of ['control breaks', 'data breaks', 'ABOR'] as const) {
    const hand = await byHand(world)
    await hand.say(`USER ${username}`)
    await hand.say('PASS x')
    const port = Number(/\|\|\|(\d+)\|/.exec(await hand.say('EPSV'))![1])
    const data = connect(port, '127.0.0.1')
    data.on('error', () => undefined)
    await hand.say('STOR half.log')
    data.write('half of it')
    await world.untilOnDisk(1)
    if (ending === 'control breaks') hand.socket.destroy()
    if (ending === 'data breaks') {
      data.resetAndDestroy()
      await until(() => hand.heard().includes('426 '), 'the answer 426')
    }
    if (ending === 'ABOR') {
      const answer = await hand.say('\u00ff\u00f4ABOR')
      assert.match(answer, /^426 /)
    }
    await world.untilOnDisk(0)
    hand.socket.destroy()
    data.destroy()
  }
  const client = await loggedIn(t, link)
  await client.uploadFrom(Readable.from([log]), 'whole.log')
  assert.deepEqual(
    (await world.list()).map(({ name }) => name),
    ['whole.log'],
  )
})

void test('what is too large or empty is refused', async (t) => {
  const world = await ftpWorld(t, { fileMaxBytes: 10_000 })
  const refused = (code: number) => (error: FTPError) => error.code === code
  const big = await loggedIn(t, uploadLink(world))
  await assert.rejects(big.uploadFrom(Readable.from([randomBytes(50_000)]), 'a'), (error: Error) =>
    error instanceof FTPError ? error.code === 552 : /ECONNRESET|EPIPE/.test(error.message),
  )
  const empty = await loggedIn(t, uploadLink(world))
  await assert.rejects(empty.uploadFrom(Readable.from([]), 'a'), refused(501))
  await world.untilOnDisk(0)
})

void test('a data port takes the charger it was told to only, once', async (t) => {
  const world = await ftpWorld(t)
  const { username } = new URL(uploadLink(world))
  const hand = await byHand(world)
  await hand.say(`USER ${username}`)
  await hand.say('PASS x')
  assert.match(await hand.say('PASV'), /^227 .*\(127,0,0,1,\d+,\d+\)/)
  const port = Number(/\|\|\|(\d+)\|/.exec(await hand.say('EPSV'))![1])
  const stranger = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' })
  await new Promise((closed) =>
    stranger
      .on('error', () => undefined)
      .once('close', closed)
      .resume(),
  )
  const data = connect(port, '127.0.0.1')
  assert.match(await hand.say('STOR a'), /^150 /)
  data.end(log)
  await until(() => hand.heard().includes('226 '), 'the end')
  hand.socket.destroy()
  assert.equal((await world.list())[0]!.size, log.length)
})

void test('who says nothing for long is let go, before and after logging in', async (t) => {
  const clock = new ManualClock()
  const world = await ftpWorld(t, {}, { clock })
  const silent = await byHand(world)
  await clock.advance(31_000)
  await until(() => silent.socket.closed, 'being let go')
  assert.match(silent.heard(), /^421 /m)
  const hand = await byHand(world)
  await hand.say(`USER ${new URL(uploadLink(world)).username}`)
  await hand.say('PASS x')
  await hand.say('EPSV')
  assert.match(await hand.say('STOR a'), /^150 /)
  await clock.advance(31_000)
  await until(() => hand.heard().includes('426 '), 'nobody came to the data port')
  await clock.advance(301_000)
  await until(() => hand.socket.closed, 'being let go')
})

void test('endless lines are no commands', async (t) => {
  const hand = await byHand(await ftpWorld(t))
  hand.socket.write('A'.repeat(5_000))
  await until(() => hand.socket.closed, 'being let go')
  assert.match(hand.heard(), /^500 /m)
})

for (const how of ['on demand', 'from the first byte'] as const)
  void test(`with TLS ${how}, both connections are encrypted`, async (t) => {
    const { cert, key } = selfSigned()
    const folder = (await filesWorld(t)).dataDir
    const [fileTlsCert, fileTlsKey] = [path.join(folder, 'c.pem'), path.join(folder, 'k.pem')]
    await writeFile(fileTlsCert, cert)
    await writeFile(fileTlsKey, key)
    const world = await ftpWorld(t, { fileTlsCert, fileTlsKey, ftpsAddress: here })
    const implicit = how === 'from the first byte'
    const protocols = [implicit ? 'FTPS' : 'FTP'] as const
    const secure = {
      secure: implicit ? 'implicit' : true,
      secureOptions: { ca: cert, checkServerIdentity: () => undefined },
    }
    const uploading = await loggedIn(t, world.upload({ protocols }), secure)
    await uploading.uploadFrom(Readable.from([log]), 'a.log')
    assert.equal((await world.list())[0]!.protocol, 'FTPS')
    const content = randomBytes(700_000)
    const link = world.download(await world.image(content), { protocols })
    const got: Buffer[] = []
    const fetching = await loggedIn(t, link, secure)
    await fetching.downloadTo(
      new Writable({
        write(chunk: Buffer, _encoding, done) {
          got.push(chunk)
          done()
        },
      }),
      'image.bin',
    )
    assert.ok(Buffer.concat(got).equals(content))
  })

void test('what was said before the encryption is not obeyed after it', async (t) => {
  const { cert, key } = selfSigned()
  const folder = (await filesWorld(t)).dataDir
  const [fileTlsCert, fileTlsKey] = [path.join(folder, 'c.pem'), path.join(folder, 'k.pem')]
  await writeFile(fileTlsCert, cert)
  await writeFile(fileTlsKey, key)
  const world = await ftpWorld(t, { fileTlsCert, fileTlsKey })
  const hand = await byHand(world)
  const { username } = new URL(uploadLink(world))
  hand.socket.write(`AUTH TLS\r\nUSER ${username}\r\nPASS x\r\n`)
  await eventually(() => Promise.resolve(hand.heard().includes('234 ')), 'the answer to AUTH')
  hand.socket.destroy()
  assert.doesNotMatch(hand.heard(), /331|230/)
})

void test('who has not logged in is sent away in time, whatever is said meanwhile', async (t) => {
  const clock = new ManualClock()
  const world = await ftpWorld(t, {}, { clock })
  const hand = await byHand(world)
  for (let said = 0; said < 3; said += 1) {
    await clock.advance(9_000)
    assert.match(await hand.say('NOOP'), /^200 /)
  }
  await clock.advance(3_000)
  await until(() => hand.socket.closed, 'being sent away')
})

void test('who logs out by another USER has as long again to log in', async (t) => {
  const clock = new ManualClock()
  const world = await ftpWorld(t, {}, { clock })
  const { username } = new URL(uploadLink(world))
  const hand = await byHand(world)
  await hand.say(`USER ${username}`)
  await hand.say('PASS x')
  await clock.advance(100_000)
  await hand.say('USER nobody')
  await clock.advance(29_000)
  assert.match(await hand.say('NOOP'), /^200 /)
  await clock.advance(1_000)
  await until(() => hand.socket.closed, 'being sent away')
})

for (const command of ['NOOP', 'ABOR', 'FEAT', 'QUIT x'])
  void test(`a flood of ${command} ends the connection`, async (t) => {
    const world = await ftpWorld(t)
    const { username } = new URL(uploadLink(world))
    const hand = await byHand(world)
    await hand.say(`USER ${username}`)
    await hand.say('PASS x')
    hand.socket.write(`${command}\r\n`.repeat(60))
    await until(() => hand.socket.closed, 'the end')
  })

void test('who takes no answers is not read on', async (t) => {
  const world = await ftpWorld(t)
  const hand = await byHand(world)
  hand.socket.pause()
  // Far more than the answers and the line between can hold.
  let written = 0
  const line = 'FEAT\r\n'.repeat(20)
  while (!hand.socket.closed && hand.socket.writableLength < 2_000_000 && written < 4_000_000) {
    hand.socket.write(line)
    written += line.length
    if (written % 60_000 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  hand.socket.resume()
  await until(() => hand.socket.closed, 'the end')
})

void test('some commands sent ahead are answered in their order', async (t) => {
  const world = await ftpWorld(t)
  const { username } = new URL(uploadLink(world))
  const hand = await byHand(world)
  hand.socket.write(`USER ${username}\r\nPASS x\r\nSYST\r\nPWD\r\nQUIT\r\n`)
  await until(() => hand.socket.closed, 'the end')
  assert.deepEqual(hand.heard().match(/^\d{3}/gm), ['220', '331', '230', '215', '257', '221'])
})
