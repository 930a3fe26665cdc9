import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { recorded } from '../audit/record.ts'
import type { Context } from '../kernel/actor.ts'
import { systemContext } from '../kernel/actor.ts'
import type { Timer } from '../kernel/clock.ts'
import { every } from '../kernel/clock.ts'
import { checkLimit, isUuid, keyOfCursor, pageOf } from '../kernel/page.ts'
import { ProblemError } from '../kernel/problem.ts'
import { checkReason } from '../kernel/reason.ts'
import { remembered } from '../kernel/remembered.ts'
import type { TlsSettings } from '../kernel/settings-tls.ts'
import type { CertificateSupply } from '../operations/supply.ts'
import { gathered } from '../storage/gathered.ts'
import type { Within } from '../storage/within.ts'
import type { AuthorityHouse } from './authority.ts'
import { openAuthorities } from './authority.ts'
import { certificatesIn, fingerprintOf } from './certificate.ts'
import type { Inspection, Shown } from './inspect.ts'
import { inspect, readShown } from './inspect.ts'
import type { Errands, IssuingHouse, IssuingSettings } from './issuing.ts'
import { openIssuing, validityOf } from './issuing.ts'
import type { Issuing } from './issuing.ts'
import type { StoredCertificate } from './store.ts'
import {
  certificateById,
  certificatesByFingerprint,
  countExpiring,
  insertForeign,
  listCertificates,
  noteShown,
  setRevoked,
} from './store.ts'
import type { AuthorityView, CertificateDetail, ChargerCertificate, Trust } from './trust.ts'

export interface TrustOptions extends AuthorityHouse, Pick<IssuingHouse, 'log'> {
  readonly settings: AuthorityHouse['settings'] &
    IssuingSettings &
    Pick<TlsSettings, 'chargerTrust'>
  /** Ends a charger's connection, wherever it is held. */
  readonly expel: (identity: string, detail: string) => void
}

/** As operators see it, and as those see it who let chargers in and answer them. */
export interface OpenTrust extends Trust {
  /** PEM of all whose certificates of chargers are trusted, for gateways to verify chains by. */
  anchors(): Promise<readonly string[]>
  inspect(identity: string, shown: Shown): Promise<Inspection>
  /** The charger connected with it. */
  confirm(identity: string, inspection: Extract<Inspection, { kind: 'good' }>): Promise<void>
  readonly ask: Issuing['ask']
  /** A certificate as `certificate.issue` sends it. */
  supply(certificate: string): Promise<CertificateSupply>
  /** From now on what is asked for is signed and sent, and what ends is renewed. */
  begin(errands: Errands): void
  /** Certificates in use that end within 30 days, and those that have ended. */
  expiring(): { readonly expiring: number; readonly expired: number }
  close(): Promise<void>
}

const workEveryMs = 5_000
const renewEveryMs = 600_000
/** A new authority is heard of by other nodes within this time. */
const rememberMs = 10_000
const expiringDays = 30

const byCharger: Context = { ...systemContext, origin: { face: 'charger' } }

export async function openTrust(house: TrustOptions): Promise<OpenTrust> {
  const { database, clock, log, newId, settings, expel } = house
  const authorities = await openAuthorities(house)
  const bundle = await bundleOf(settings.chargerTrust)
  const issuing = openIssuing({ ...house, authorities })
  const known = remembered(clock, rememberMs, () => authorities.all())
  const byFingerprint = gathered((fingerprints) =>
    certificatesByFingerprint(database, fingerprints),
  )
  const timers: Timer[] = []
  let counts = { expiring: 0, expired: 0 }
  let begun: Errands | undefined
  let working: Promise<void> | undefined
  let again = false

  /** One round at a time; whoever asks during one has another follow. */
  function work(): void {
    if (begun === undefined) return
    if (working !== undefined) {
      again = true
      return
    }
    working = issuing
      .work(begun)
      .catch((error: unknown) => log.error({ err: error }, 'certificates cannot be issued now'))
      .finally(() => {
        working = undefined
        if (!again) return
        again = false
        work()
      })
  }

  async function found(id: string, within?: Within): Promise<StoredCertificate> {
    const row = isUuid(id) ? await certificateById(database, id, clock.now(), within) : undefined
    if (row === undefined) throw new ProblemError('not-found', `there is no certificate ${id}`)
    return row
  }

  return {
    async list(page, filter, within) {
      const limit = checkLimit(page)
      const before = keyOfCursor('certificates', page, isUuid)
      const rows = await listCertificates(database, filter, clock.now(), before, limit + 1, within)
      return pageOf('certificates', limit, rows, ({ id }) => id, summary)
    },
    show: async (id, within) => detailOf(await found(id, within)),
    async revoke(context, id, why, within) {
      const reason = checkReason(why)
      const row = await found(id, within)
      const { charger, serial, fingerprint } = row
      await database.transaction(async (tx) => {
        const revoked = { at: clock.now(), by: context.actor.name, reason }
        if (!(await setRevoked(tx, id, revoked)))
          throw new ProblemError('too-late', `it is ${row.state}: only what was issued is revoked`)
        const detail = { certificate: id, serial, fingerprint }
        const change = { context, event: 'certificate.revoked', charger, reason, detail }
        await recorded(tx, house, [change])
      })
      expel(charger, 'a certificate of this charger was revoked')
      return summary(await found(id))
    },
    async authorities() {
      const signer = await authorities.signerNow()
      const rows = await authorities.all()
      return rows.map((row) => authorityView(row, signer?.authority === row.id))
    },

    async anchors() {
      return [...bundle, ...(await known()).flatMap(({ chain }) => pemsIn(chain))]
    },
    async inspect(identity, shown) {
      const certificate = readShown(shown)
      if (certificate === undefined)
        return { kind: 'strange', reason: 'its certificate cannot be read' }
      const fingerprint = fingerprintOf(certificate)
      const [recorded, ours] = await Promise.all([byFingerprint([fingerprint]), known()])
      const by = {
        authorities: ours.map(({ chain }) => chain),
        organisation: settings.certificateOrganisation,
      }
      const record = recorded.get(fingerprint)
      return inspect(identity, shown, certificate, record, by, clock.now())
    },
    async confirm(identity, inspection) {
      if ('known' in inspection && inspection.known.shown) return
      const { fingerprint } = inspection
      const id = 'known' in inspection ? inspection.known.id : newId()
      await database.transaction(async (tx) => {
        const at = clock.now()
        const isNews =
          'known' in inspection
            ? await noteShown(tx, id, at)
            : await insertForeign(tx, { id, charger: identity }, validityOf(inspection.first), at)
        if (!isNews) return
        const detail = { certificate: id, fingerprint, own: 'known' in inspection }
        const event = 'certificate.shown'
        await recorded(tx, house, [{ context: byCharger, event, charger: identity, detail }])
      })
    },
    async ask(charger, asking, secure) {
      const answer = await issuing.ask(charger, asking, secure)
      if (answer.taken) work()
      return answer
    },
    async supply(certificate) {
      const { charger, pem, fingerprint, serial, state, requestId } = await found(certificate)
      if (pem === null || fingerprint === null || serial === null)
        throw new ProblemError('invalid-input', 'is not signed', 'certificate')
      if (state === 'revoked' || state === 'expired')
        throw new ProblemError('invalid-input', `is ${state}`, 'certificate')
      const above = (await authorities.all()).flatMap(({ chain }) => certificatesIn(chain))
      const supply = { charger, chain: chainOf(pem, above), fingerprint, serial }
      return requestId === null ? supply : { ...supply, requestId }
    },
    begin(errands) {
      begun = errands
      const failed = (error: unknown) =>
        log.error({ err: error }, 'certificates cannot be looked after now')
      timers.push(
        every(clock, workEveryMs, work, failed),
        every(
          clock,
          renewEveryMs,
          async () => {
            counts = await countExpiring(database, clock.now(), expiringDays)
            await issuing.renew(errands)
          },
          failed,
        ),
      )
      work()
    },
    expiring: () => counts,
    async close() {
      begun = undefined
      for (const timer of timers) timer.cancel()
      await working
    },
  }
}

/** Certificates of other authorities; throws where the file holds none. */
async function bundleOf(file: string | undefined): Promise<readonly string[]> {
  if (file === undefined) return []
  const pems = pemsIn(await readFile(file, 'utf8'))
  if (pems.length === 0) throw new Error('OTA_CHARGER_TRUST holds no certificate')
  return pems
}

function pemsIn(text: string): string[] {
  return certificatesIn(text).map((one) => one.toString())
}

/** A certificate with the authorities between it and the root, which the charger has (2.x A02.FR.04). */
function chainOf(pem: string, above: readonly X509Certificate[]): string {
  const chain = [pem]
  let last = new X509Certificate(pem)
  for (let depth = 0; depth < 5; depth += 1) {
    const next = above.find((one) => last.checkIssued(one))
    if (next === undefined || next.checkIssued(next)) break
    chain.push(next.toString())
    last = next
  }
  return chain.join('')
}

function summary({
  pem: _pem,
  requestId: _number,
  ...shown
}: StoredCertificate): ChargerCertificate {
  return shown
}

function detailOf(row: StoredCertificate): CertificateDetail {
  const { pem } = row
  if (pem === null) return { ...summary(row), pem, subject: null, issuer: null }
  const { subject, issuer } = new X509Certificate(pem)
  return { ...summary(row), pem, subject: oneLine(subject), issuer: oneLine(issuer) }
}

function authorityView(
  row: { id: string; fingerprint: string; chain: string; origin: 'made' | 'given' },
  signsHere: boolean,
): AuthorityView {
  const { id, fingerprint, chain, origin } = row
  const [certificate] = certificatesIn(chain)
  return {
    ...{ id, fingerprint, origin, signsHere },
    subject: oneLine(certificate?.subject ?? ''),
    validUntil: new Date(certificate?.validTo ?? 0).toISOString(),
    pem: chain,
  }
}

function oneLine(name: string): string {
  return name.split('\n').join(', ')
}
