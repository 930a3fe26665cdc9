import 'reflect-metadata'
import { createHash, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'

/** SHA-256 over the certificate, hex. */
export function fingerprintOf({ raw }: Pick<X509Certificate, 'raw'>): string {
  return createHash('sha256').update(raw).digest('hex')
}

/** Certificates in a PEM text, in its order. Throws where one cannot be read. */
export function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => new X509Certificate(block))
}

/** The values of one attribute of the subject, e.g. `CN`. */
export function subjectField({ raw }: Pick<X509Certificate, 'raw'>, name: string): string[] {
  return new x509.X509Certificate(raw).subjectName.getField(name)
}

/** Whether one was signed by the other's key. */
export function isSignedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
}
