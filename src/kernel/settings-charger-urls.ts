import type { Parsed, Setting } from './setting.ts'

/** Settings about the addresses chargers may be told. */
export interface ChargerUrlSettings {
  /** URLs that may be sent to chargers begin with one of these; the file plane's own may always. */
  readonly allowedChargerUrls: readonly string[]
}

type Part = { readonly [K in keyof ChargerUrlSettings]: Setting<ChargerUrlSettings[K]> }

export const chargerUrlSettings: Part = {
  allowedChargerUrls: {
    name: 'OTA_ALLOWED_CHARGER_URLS',
    default: 'unset: only addresses of the file plane',
    values:
      'URLs separated by commas, e.g. `wss://csms.example.com/ocpp,https://files.example.com/`',
    meaning:
      'What URLs may begin with that a command sends to chargers: in settings, network profiles, messages on a display and vendor messages. ' +
      'Scheme, host and port must be the same, and the path must lie below. Nobody can make a charger call another address.',
    parse: prefixes,
    unset: () => [],
  },
}

function prefixes(text: string): Parsed<readonly string[]> {
  const all = text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  const wrong = all.find((one) => !isPrefix(one))
  return wrong === undefined
    ? { value: all }
    : { problem: 'must be URLs without a password, ? and #, separated by commas' }
}

function isPrefix(text: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || !URL.canParse(text)) return false
  const { username, password, search, hash, host } = new URL(text)
  return host !== '' && [username, password, search, hash].every((part) => part === '')
}
