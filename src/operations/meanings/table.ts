/** What a value of a meaning may be. Numbers are in the unit named. */
export type ValueKind =
  | {
      readonly kind: 'whole'
      readonly unit?: 's' | 'Wh' | 'A'
      readonly least: number
      readonly most: number
    }
  | { readonly kind: 'truth' }
  | { readonly kind: 'text'; readonly most: number }
  /** Separated by commas. */
  | { readonly kind: 'list' }
  | { readonly kind: 'one-of'; readonly words: readonly string[] }
  | { readonly kind: 'pattern'; readonly pattern: RegExp; readonly like: string }

/** What a version calls it. Without `write` and `read` the value stands there as it is. */
export interface Dialect {
  readonly key: string
  readonly write?: (value: string) => string
  readonly read?: (told: string) => string | undefined
}

export interface Meaning {
  readonly title: string
  readonly value: ValueKind
  /** The configuration key, or why there is none. */
  readonly '1.6': Dialect | string
  /** The variable of 2.0.1 and 2.1, or why there is none. */
  readonly '2.x': Dialect | string
}

const day = 86_400
const truth: ValueKind = { kind: 'truth' }
const list: ValueKind = { kind: 'list' }

function seconds(least: number, most: number = 30 * day): ValueKind {
  return { kind: 'whole', unit: 's', least, most }
}
function count(least: number, most: number): ValueKind {
  return { kind: 'whole', least, most }
}

function row(
  title: string,
  value: ValueKind,
  on16: string | Dialect,
  on2x: string | Dialect,
): Meaning {
  return { title, value, '1.6': on16, '2.x': on2x }
}
function key(name: string): Dialect {
  return { key: name }
}

const vendorKey = 'OCPP 1.6 has no standard key for it; where the vendor has one, name it as key'

function not(text: string): string {
  return text.trim().toLowerCase() === 'true' ? 'false' : 'true'
}

/** The key of OCA's paper on California's pricing rules holds JSON; the text is one member of it. */
const defaultPrice: Dialect = {
  key: 'DefaultPrice',
  write: (text) => JSON.stringify({ priceText: text }),
  read(told) {
    try {
      const { priceText } = JSON.parse(told) as { priceText?: unknown }
      return typeof priceText === 'string' ? priceText : undefined
    } catch {
      return undefined
    }
  },
}

/**
 * What operators mean, and what each version calls it: OCPP 1.6 chapter 9, the 1.6 security extension,
 * OCPP 2.x part 2 appendix 3 (referenced components and variables).
 */
export const meaningTable = {
  'heartbeat-interval': row(
    'time without messages after which a heartbeat is sent',
    seconds(1),
    key('HeartbeatInterval'),
    key('OCPPCommCtrlr/HeartbeatInterval'),
  ),
  'websocket-ping-interval': row(
    'time between WebSocket pings; 0 for none',
    seconds(0, day),
    key('WebSocketPingInterval'),
    key('OCPPCommCtrlr/WebSocketPingInterval'),
  ),
  'offline-threshold': row(
    'time offline after which every connector’s status is told again',
    seconds(0),
    'OCPP 1.6 has no such setting: a charger tells what changed while it was offline',
    key('OCPPCommCtrlr/OfflineThreshold'),
  ),
  'meter-value-interval': row(
    'time between meter values in a session; 0 for none',
    seconds(0),
    key('MeterValueSampleInterval'),
    key('SampledDataCtrlr/TxUpdatedInterval'),
  ),
  'meter-measurands': row(
    'what is measured during a session',
    list,
    key('MeterValuesSampledData'),
    key('SampledDataCtrlr/TxUpdatedMeasurands'),
  ),
  'meter-measurands-at-end': row(
    'what is told of the meter when a session ends',
    list,
    key('StopTxnSampledData'),
    key('SampledDataCtrlr/TxEndedMeasurands'),
  ),
  'clock-aligned-interval': row(
    'time between meter values at full intervals of the clock; 0 for none',
    seconds(0, day),
    key('ClockAlignedDataInterval'),
    key('AlignedDataCtrlr/Interval'),
  ),
  'clock-aligned-measurands': row(
    'what is measured at full intervals of the clock',
    list,
    key('MeterValuesAlignedData'),
    key('AlignedDataCtrlr/Measurands'),
  ),
  'authorise-offline': row(
    'known tokens may charge while the charger is offline',
    truth,
    key('LocalAuthorizeOffline'),
    key('AuthCtrlr/LocalAuthorizeOffline'),
  ),
  'authorise-locally-first': row(
    'known tokens may charge without waiting for the answer',
    truth,
    key('LocalPreAuthorize'),
    key('AuthCtrlr/LocalPreAuthorize'),
  ),
  'authorise-unknown-offline': row(
    'unknown tokens may charge while the charger is offline',
    truth,
    key('AllowOfflineTxForUnknownId'),
    key('AuthCtrlr/OfflineTxForUnknownIdEnabled'),
  ),
  'authorise-remote-start': row(
    'a remote start is authorised like a token that is shown',
    truth,
    key('AuthorizeRemoteTxRequests'),
    key('AuthCtrlr/AuthorizeRemoteStart'),
  ),
  'authorisation-cache': row(
    'tokens that were accepted are remembered',
    truth,
    key('AuthorizationCacheEnabled'),
    key('AuthCacheCtrlr/Enabled'),
  ),
  'local-list-enabled': row(
    'the list of tokens in the charger is used',
    truth,
    key('LocalAuthListEnabled'),
    key('LocalAuthListCtrlr/Enabled'),
  ),
  'free-charging': row('anybody may charge, no token is asked for', truth, vendorKey, {
    key: 'AuthCtrlr/Enabled',
    write: not,
    read: not,
  }),
  'connection-timeout': row(
    'time to plug in after a token was shown',
    seconds(1, day),
    key('ConnectionTimeOut'),
    key('TxCtrlr/EVConnectionTimeOut'),
  ),
  'stop-on-cable-pulled': row(
    'a session ends when the cable is pulled at the vehicle',
    truth,
    key('StopTransactionOnEVSideDisconnect'),
    key('TxCtrlr/StopTxOnEVSideDisconnect'),
  ),
  'stop-on-invalid-token': row(
    'a session ends when its token turns out to be invalid',
    truth,
    key('StopTransactionOnInvalidId'),
    key('TxCtrlr/StopTxOnInvalidId'),
  ),
  'energy-on-invalid-token': row(
    'energy delivered after the token turned out to be invalid',
    { kind: 'whole', unit: 'Wh', least: 0, most: 1_000_000 },
    key('MaxEnergyOnInvalidId'),
    key('TxCtrlr/MaxEnergyOnInvalidId'),
  ),
  'transaction-start-point': row(
    'what must hold for a transaction to begin',
    list,
    'an OCPP 1.6 transaction begins when charging does',
    key('TxCtrlr/TxStartPoint'),
  ),
  'transaction-stop-point': row(
    'what ends a transaction when it holds no longer',
    list,
    'an OCPP 1.6 transaction ends when charging does',
    key('TxCtrlr/TxStopPoint'),
  ),
  'unlock-on-disconnect': row(
    'the cable is unlocked here when it is pulled at the vehicle',
    truth,
    key('UnlockConnectorOnEVSideDisconnect'),
    key('OCPPCommCtrlr/UnlockOnEVSideDisconnect'),
  ),
  'transaction-message-retries': row(
    'how often a message about a session is tried',
    count(0, 1_000),
    key('TransactionMessageAttempts'),
    key('OCPPCommCtrlr/MessageAttempts:TransactionEvent'),
  ),
  'transaction-message-retry-interval': row(
    'time before a message about a session is tried again',
    seconds(0, day),
    key('TransactionMessageRetryInterval'),
    key('OCPPCommCtrlr/MessageAttemptInterval:TransactionEvent'),
  ),
  'reset-retries': row(
    'how often a reset that failed is tried again',
    count(0, 100),
    key('ResetRetries'),
    key('OCPPCommCtrlr/ResetRetries'),
  ),
  'operator-name': row(
    'the operator’s name in certificates',
    { kind: 'text', most: 100 },
    key('CpoName'),
    key('SecurityCtrlr/OrganizationName'),
  ),
  'time-source': row(
    'where the charger takes the time from, best first',
    list,
    'an OCPP 1.6 charger takes the time from BootNotification and Heartbeat answers',
    key('ClockCtrlr/TimeSource'),
  ),
  'time-offset': row(
    'local time as an offset from UTC, e.g. +01:00',
    {
      kind: 'pattern',
      pattern: /^[+-](0\d|1[0-4]):[0-5]\d$/,
      like: 'is an offset like +01:00',
    },
    key('TimeOffset'),
    key('ClockCtrlr/TimeOffset'),
  ),
  'price-text': row(
    'the price in words, shown to drivers',
    { kind: 'text', most: 400 },
    defaultPrice,
    key('TariffCostCtrlr/TariffFallbackMessage'),
  ),
  currency: row(
    'the currency of prices, as ISO 4217 has it',
    { kind: 'pattern', pattern: /^[A-Z]{3}$/, like: 'is three capital letters, e.g. EUR' },
    vendorKey,
    key('TariffCostCtrlr/Currency'),
  ),
  'current-limit': row(
    'the most the charger draws, for good, where its model keeps that in a setting',
    { kind: 'whole', unit: 'A', least: 0, most: 2_000 },
    'only where the model is known to have such a setting',
    'only where the model is known to have such a setting',
  ),
} as const satisfies Record<string, Meaning>

export type MeaningName = keyof typeof meaningTable

export const meaningNames = Object.keys(meaningTable) as MeaningName[]

export function isMeaningName(name: string): name is MeaningName {
  return Object.hasOwn(meaningTable, name)
}
