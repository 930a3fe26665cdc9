import { createHash } from 'node:crypto'
import type { X509Certificate } from 'node:crypto'
import type { Change, Recorded } from '../audit/record.ts'
import { recorded } from '../audit/record.ts'
import type { Context } from '../kernel/actor.ts'
import { systemContext } from '../kernel/actor.ts'
import type { Log } from '../kernel/log.ts'
import type { TlsSettings } from '../kernel/settings-tls.ts'
import type { Tx } from '../storage/database.ts'
import type { Authorities } from './authority.ts'
import { fingerprintOf } from './certificate.ts'
import { checkRequest } from './request.ts'
import { signRequest } from './sign.ts'
import type { Validity } from './store.ts'
import {
  insertRequest,
  nextRequest,
  requestsOf,
  setHandedOver,
  setIssued,
  setReplaced,
  someRequestWaits,
  takeForRenewal,
  undelivered,
} from './store.ts'

export type IssuingSettings = Pick<
  TlsSettings,
  'certificateOrganisation' | 'certificateDays' | 'certificatesOverPlain'
>

export interface IssuingHouse extends Recorded {
  readonly log: Log
  readonly authorities: Authorities
  readonly settings: IssuingSettings
}

/** What a charger asks for with SignCertificate. */
export interface Asking {
  readonly request: string
  /** OCPP 2.x CertificateSigningUseEnumType; absent: the charger's own. */
  readonly use?: string
  /** OCPP 2.1: the charger's number for it. */
  readonly requestId?: number | null
}

/** How certificates go their way, by commands like everything that reaches a charger. */
export interface Errands {
  /** Sends a certificate to its charger. Repeated, it is one. */
  readonly deliver: (charger: string, certificate: string) => Promise<void>
  /** Asks a charger to ask for a new certificate. */
  readonly renew: (charger: string, notAfter: number) => Promise<void>
}

export interface Issuing {
  /** Whether a request is taken; what it asks for follows by itself. */
  ask(
    charger: string,
    asking: Asking,
    secure: boolean,
  ): Promise<{ readonly taken: true } | { readonly taken: false; readonly reason: string }>
  /** Signs what waits and sends what is signed. */
  work(errands: Errands): Promise<void>
  /** Asks chargers whose certificates end soon to renew them. */
  renew(errands: Errands): Promise<void>
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** A charger that finds no answer asks again after a while (2.x A02.FR.17 to A02.FR.19), and no charger needs more. */
const mostAnHour = 6
const atOnce = 100
/** What may not be sent now, e.g. under a guard of the policy, is tried again. */
const deliverAgainMs = 60_000
const ownUse = 'ChargingStationCertificate'

const byCharger: Context = { ...systemContext, origin: { face: 'charger' } }

export function openIssuing(house: IssuingHouse): Issuing {
  const { database, clock, newId, log, authorities, settings } = house
  const { certificateOrganisation, certificateDays, certificatesOverPlain } = settings
  const tryAgainAt = new Map<string, number>()
  const record = (tx: Tx, ...changes: Change[]) => recorded(tx, house, changes)

  async function signNext(): Promise<boolean> {
    // No authority is made before somebody needs one.
    if (!(await someRequestWaits(database))) return false
    const signer = await authorities.signer()
    if (signer === undefined) return false
    return database.transaction(async (tx) => {
      const next = await nextRequest(tx)
      if (next === undefined) return false
      const { id, charger, pem } = next
      const checked = await checkRequest(pem, charger, certificateOrganisation)
      if ('refused' in checked) {
        // The settings have changed since it was taken.
        await setReplaced(tx, id)
        await record(tx, refusal(charger, checked.refused))
        return true
      }
      const now = clock.now()
      const certificate = await signRequest(checked, signer, now, certificateDays)
      const made = validityOf(certificate)
      await setIssued(tx, id, signer.authority, made, now)
      const { serial, fingerprint } = made
      const detail = { certificate: id, serial, fingerprint, validUntil: iso(made.notAfter) }
      await record(tx, { context: systemContext, event: 'certificate.issued', charger, detail })
      return true
    })
  }

  const refusal = (charger: string, reason: string): Change => ({
    context: systemContext,
    event: 'certificate.request-refused',
    charger,
    reason,
    detail: {},
  })

  return {
    async ask(charger, { request, use = ownUse, requestId = null }, secure) {
      const no = (reason: string) => ({ taken: false as const, reason })
      if (use !== ownUse)
        return no(`${use.slice(0, 50)} is for vehicles, which are not ours to vouch for`)
      if (!secure && !certificatesOverPlain) return no('it is asked for in the clear')
      const checked = await checkRequest(request, charger, certificateOrganisation)
      if ('refused' in checked) return no(checked.refused)
      const digest = createHash('sha256').update(request).digest('hex')
      return database.transaction(async (tx) => {
        const now = clock.now()
        const { pending, recent } = await requestsOf(tx, charger, now - hourMs)
        if (pending?.digest === digest) return { taken: true as const }
        if (recent >= mostAnHour) return no(`${recent} were asked for within an hour`)
        if (pending !== undefined) await setReplaced(tx, pending.id)
        const id = newId()
        await insertRequest(tx, { id, charger, pem: request, digest, number: requestId }, now)
        const detail = { certificate: id, key: checked.key }
        await record(tx, { context: byCharger, event: 'certificate.requested', charger, detail })
        return { taken: true as const }
      })
    },

    async work({ deliver }) {
      for (let signed = 0; signed < atOnce && (await signNext());) signed += 1
      const now = clock.now()
      for (const { id, charger } of await undelivered(database, atOnce))
        try {
          if ((tryAgainAt.get(id) ?? 0) > now) continue
          await deliver(charger, id)
          await database.transaction((tx) => setHandedOver(tx, id, clock.now()))
          tryAgainAt.delete(id)
        } catch (error) {
          tryAgainAt.set(id, now + deliverAgainMs)
          log.warn({ err: error, charger, certificate: id }, 'a certificate waits to be sent')
        }
    },

    async renew(errands) {
      const now = clock.now()
      const leadMs = Math.min(30 * dayMs, (certificateDays * dayMs) / 12)
      const due = { endsBefore: now + leadMs, askedBefore: now - dayMs, at: now }
      const taken = await database.transaction((tx) => takeForRenewal(tx, due, atOnce))
      for (const { charger } of taken)
        await errands
          .renew(charger, now + dayMs)
          .catch((error: unknown) =>
            log.warn({ err: error, charger }, 'a certificate cannot be renewed now'),
          )
    },
  }
}

/** What the record keeps of a certificate. */
export function validityOf(certificate: X509Certificate): Validity {
  return {
    fingerprint: fingerprintOf(certificate),
    serial: certificate.serialNumber.toLowerCase(),
    pem: certificate.toString(),
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
