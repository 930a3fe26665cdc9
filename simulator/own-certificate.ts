import 'reflect-metadata'
import { createPrivateKey, KeyObject, webcrypto, X509Certificate } from 'node:crypto'
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509'
import type { Body } from './speaker.ts'

/** A certificate and its private key, PEM. */
export interface ClientIdentity {
  readonly cert: string
  readonly key: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/**
 * The certificate of a charger towards its management system (1.6 security extension A02, 2.x A02): it makes
 * a key, asks to have it certified, and connects anew with what it gets. Keys are in memory alone.
 */
export class OwnCertificate {
  readonly #body: Body
  /** Of the request last sent. */
  #key: string | undefined

  constructor(body: Body) {
    this.#body = body
  }

  /** Makes a key and asks; `use` is OCPP 2.x CertificateSigningUseEnumType. */
  ask(use: string | undefined): void {
    void this.#request().then((csr) =>
      this.#body.send({
        action: 'SignCertificate',
        provoked: true,
        payload: () => ({ csr, ...(use === undefined ? {} : { certificateType: use }) }),
      }),
    )
  }

  /** How CertificateSigned is answered, and what follows. */
  signed(chain: string) {
    const key = this.#key
    if (key === undefined || !fits(chain, key)) return { answer: { status: 'Rejected' as const } }
    return {
      answer: { status: 'Accepted' as const },
      act: () => {
        this.#key = undefined
        if (!this.#body.keepsCertificate) this.#body.changeCertificate({ cert: chain, key })
      },
    }
  }

  async #request(): Promise<string> {
    const { identity, vendor, spoilsRequests } = this.#body
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const pem = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' })
    this.#key = String(pem)
    const name = spoilsRequests ? `not ${identity}` : identity
    const request = await Pkcs10CertificateRequestGenerator.create({
      name: [{ CN: [name] }, { O: [vendor] }],
      keys,
      signingAlgorithm: algorithm,
    })
    return request.toString('pem')
  }
}

function fits(chain: string, key: string): boolean {
  try {
    return new X509Certificate(chain).checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}
