import path from 'node:path'
import { oneOf, url, type Setting } from './setting.ts'

const formats = ['ocsf', 'cef'] as const

/** Settings of telling the record to whoever watches over security. */
export interface SiemSettings {
  /** `tcp:` or `tls:`; undefined: nobody is told. */
  readonly siemReceiver: URL | undefined
  readonly siemFormat: (typeof formats)[number]
  /** A file of PEM, absolute; undefined: the certificates the system trusts. */
  readonly siemCa: string | undefined
}

type Part = { readonly [K in keyof SiemSettings]: Setting<SiemSettings[K]> }

export const siemSettings: Part = {
  siemReceiver: {
    name: 'OTA_SIEM_RECEIVER',
    default: 'unset: nobody is told',
    values: '`tls://host:port` or `tcp://host:port`',
    meaning:
      'Where every entry of the audit record is sent as syslog (RFC 5424, framed by length), in order, again after a break. ' +
      '`tcp` is for a receiver on this machine or network only: nothing is encrypted.',
    parse(text) {
      const parsed = url(text, ['tls:', 'tcp:'], 'tls://host:6514')
      if ('problem' in parsed) return parsed
      const value = new URL(parsed.value)
      return value.port === '' ? { problem: 'must name a port, e.g. tls://host:6514' } : { value }
    },
    unset: () => undefined,
  },
  siemFormat: {
    name: 'OTA_SIEM_FORMAT',
    default: '`ocsf`',
    values: formats.map((format) => `\`${format}\``).join(' or '),
    meaning: 'How the entries are written: as OCSF events in JSON, or in the Common Event Format.',
    parse: (text) => oneOf(formats, text),
    unset: () => 'ocsf',
  },
  siemCa: {
    name: 'OTA_SIEM_CA',
    default: 'unset: the certificates the system trusts',
    values: 'a file of certificates in PEM',
    meaning: 'Who may have signed the certificate of the receiver of `OTA_SIEM_RECEIVER`.',
    parse: (text, host) => ({ value: path.resolve(host.folder, text) }),
    unset: () => undefined,
  },
}
