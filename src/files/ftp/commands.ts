import path from 'node:path'
import { isIPv4 } from 'node:net'
import { admitUser, isDownload } from '../gate.ts'
import { Refusal, refusalOf } from '../refusal.ts'
import type { Passive } from './passive.ts'
import type { FtpSession } from './session.ts'
import { retrieve, store } from './transfer.ts'

export interface FtpCommand {
  /** Only `false` is obeyed before somebody has logged in. */
  readonly needsLogin?: false
  readonly run: (session: FtpSession, argument: string) => void | Promise<void>
}

const mostFailedLogins = 3

/**
 * What is understood of FTP (RFC 959, 2228, 2428, 3659, 4217): enough to bring or fetch the one file a
 * link is for. There are no folders, nothing is listed, and the server never connects to anybody.
 */
export const commands: Readonly<Record<string, FtpCommand>> = {
  USER: { needsLogin: false, run: user },
  PASS: { needsLogin: false, run: pass },
  AUTH: { needsLogin: false, run: auth },
  PBSZ: { needsLogin: false, run: (session) => session.reply(200, 'PBSZ=0') },
  PROT: { needsLogin: false, run: prot },
  QUIT: { needsLogin: false, run: (session) => session.quit() },
  FEAT: { needsLogin: false, run: features },
  SYST: { needsLogin: false, run: (session) => session.reply(215, 'UNIX Type: L8') },
  NOOP: { needsLogin: false, run: (session) => session.reply(200, 'well') },
  OPTS: { needsLogin: false, run: (session, what) => options(session, what) },
  CLNT: { needsLogin: false, run: (session) => session.reply(200, 'well') },
  // Whatever the type, bytes are taken and given as they are.
  TYPE: { run: (session, type) => choice(session, /^(?:[AI](?: N)?|L ?8)$/i, type) },
  MODE: { run: (session, mode) => choice(session, /^S$/i, mode) },
  STRU: { run: (session, structure) => choice(session, /^F$/i, structure) },
  PASV: { run: pasv },
  EPSV: { run: epsv },
  PORT: { run: refuseActive },
  EPRT: { run: refuseActive },
  REST: { run: rest },
  STOR: { run: store },
  RETR: { run: retrieve },
  SIZE: { run: size },
  ALLO: { run: (session) => session.reply(202, 'there is no need') },
  ABOR: { run: abort },
  PWD: { run: (session) => session.reply(257, `"${session.folder.replaceAll('"', '""')}"`) },
  XPWD: { run: (session) => session.reply(257, `"${session.folder.replaceAll('"', '""')}"`) },
  CWD: { run: (session, folder) => changeFolder(session, folder) },
  CDUP: { run: (session) => changeFolder(session, '..') },
  LIST: { run: refuseListing },
  NLST: { run: refuseListing },
  MLSD: { run: refuseListing },
  MLST: { run: refuseListing },
}

function user(session: FtpSession, name: string): void {
  session.admitted = undefined
  session.user = name
  session.reply(331, 'say any password')
}

function pass(session: FtpSession, password: string): void {
  try {
    session.admitted = admitUser(session.parts.gate, session.user, password)
    session.reply(230, 'welcome')
  } catch (error) {
    session.failedLogins += 1
    session.reply(530, refusalOf(error).message)
    if (session.failedLogins >= mostFailedLogins) session.quit()
  }
}

function auth(session: FtpSession, mechanism: string): void {
  const { secure } = session.parts
  if (secure === undefined || !/^(?:TLS|TLS-C|SSL)$/i.test(mechanism))
    return session.reply(504, 'this is not offered')
  if (session.secured) return session.reply(503, 'this connection is encrypted already')
  session.reply(234, 'go on encrypted')
  session.user = ''
  session.admitted = undefined
  session.secureControl(secure)
}

function prot(session: FtpSession, level: string): void {
  if (!session.secured) return session.reply(503, 'AUTH TLS first')
  if (!/^[CP]$/i.test(level)) return session.reply(536, 'only C and P')
  session.protectsData = level.toUpperCase() === 'P'
  session.reply(200, 'well')
}

function features(session: FtpSession): void {
  const secure = session.parts.secure === undefined ? [] : ['AUTH TLS', 'PBSZ', 'PROT']
  session.reply(
    211,
    'What is understood:',
    'EPSV',
    'PASV',
    'REST STREAM',
    'SIZE',
    'UTF8',
    ...secure,
    'End',
  )
}

function options(session: FtpSession, what: string): void {
  if (/^UTF-?8( ON)?$/i.test(what)) session.reply(200, 'always')
  else session.reply(501, 'this is no option here')
}

function choice(session: FtpSession, offered: RegExp, asked: string): void {
  if (offered.test(asked)) session.reply(200, 'well')
  else session.reply(504, 'this is not offered')
}

async function openPassive(session: FtpSession): Promise<Passive> {
  session.passive?.close()
  session.passive = undefined
  const { ports } = session.parts
  return (session.passive = await ports.open(session.localAddress, session.remoteAddress))
}

async function pasv(session: FtpSession): Promise<void> {
  const host = session.parts.publicIpv4 ?? session.localAddress
  if (!isIPv4(host)) return session.reply(425, 'say EPSV')
  const { port } = await openPassive(session)
  const numbers = [...host.split('.'), port >> 8, port & 0xff].join(',')
  session.reply(227, `Entering Passive Mode (${numbers})`)
}

async function epsv(session: FtpSession, argument: string): Promise<void> {
  if (/^ALL$/i.test(argument)) return session.reply(200, 'well')
  const { port } = await openPassive(session)
  session.reply(229, `Entering Extended Passive Mode (|||${port}|)`)
}

/** To connect wherever a client says would let it attack others through us. */
function refuseActive(session: FtpSession): void {
  session.reply(502, 'only passive: say PASV or EPSV')
}

function rest(session: FtpSession, offset: string): void {
  if (!/^\d{1,15}$/.test(offset)) return session.reply(501, 'this is no number')
  session.offset = Number(offset)
  session.reply(350, 'go on')
}

async function size(session: FtpSession): Promise<void> {
  const { admitted, parts } = session
  if (admitted === undefined || !isDownload(admitted))
    throw new Refusal('gone', 'there is nothing to be seen')
  session.reply(213, String((await parts.downloads.look(admitted)).size))
}

async function abort(session: FtpSession): Promise<void> {
  const { transfer } = session
  transfer?.abort.abort(new Refusal('displaced', 'as you said'))
  await transfer?.ended
  session.reply(226, 'nothing is under way')
}

function changeFolder(session: FtpSession, folder: string): void {
  session.folder = path.posix.resolve(session.folder, folder).slice(0, 500)
  session.reply(250, 'well')
}

function refuseListing(session: FtpSession): void {
  session.reply(550, 'nothing is listed here')
}
