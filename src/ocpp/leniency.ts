/**
 * How far a charger's words may be from the schema and still have one clear meaning. Tables only: the
 * rules that read them are in `mend.ts` and `mend-scalar.ts`. Keys are `<action> <kind> <place>`, the place
 * being a JSON pointer with `*` for the elements of a list.
 */

type Members = Readonly<Record<string, unknown>>

/** What stands for a required value that is missing or cannot be read, where a stand-in does no harm. */
const standIns: Readonly<Record<string, (parent: Members, value: unknown) => unknown>> = {
  'StatusNotification request /errorCode': ({ status }) =>
    status === 'Faulted' ? 'OtherError' : 'NoError',
  // The charger lost it; -1 is what others send then (and 1.6 chargers expect an answer to it).
  'StopTransaction request /transactionId': (_parent, value) => (value == null ? -1 : undefined),
  'BootNotification request /chargePointVendor': () => '',
  'BootNotification request /chargePointModel': () => '',
  'BootNotification request /reason': () => 'Unknown',
  'BootNotification request /chargingStation': () => ({ model: '', vendorName: '' }),
  'BootNotification request /chargingStation/model': () => '',
  'BootNotification request /chargingStation/vendorName': () => '',
  'GetConfiguration response /configurationKey/*/readonly': () => false,
}

export function standIn(key: string, parent: Members, value: unknown): unknown {
  return Object.hasOwn(standIns, key) ? standIns[key]?.(parent, value) : undefined
}

/** The word for "something else" in enumerations that have one. */
const neutralWords: Readonly<Record<string, string>> = {
  'StatusNotification request /errorCode': 'OtherError',
  'StopTransaction request /reason': 'Other',
  'BootNotification request /reason': 'Unknown',
  'TransactionEvent request /triggerReason': 'AbnormalCondition',
  'TransactionEvent request /transactionInfo/stoppedReason': 'Other',
  'TransactionEvent request /idToken/type': 'Local',
  'Authorize request /idToken/type': 'Local',
}
const neutralWordsByName: Readonly<Record<string, string>> = { context: 'Other' }

export function neutralWord(key: string, name: string): string | undefined {
  if (Object.hasOwn(neutralWords, key)) return neutralWords[key]
  return Object.hasOwn(neutralWordsByName, name) ? neutralWordsByName[name] : undefined
}

/** Words for enumeration values, by property, written as `plainWord` makes them. */
const synonyms: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  unit: {
    c: 'Celsius',
    degc: 'Celsius',
    '°c': 'Celsius',
    f: 'Fahrenheit',
    degf: 'Fahrenheit',
    '°f': 'Fahrenheit',
    kelvin: 'K',
    '%': 'Percent',
    watt: 'W',
    watts: 'W',
    amp: 'A',
    amps: 'A',
    ampere: 'A',
    amperes: 'A',
    volt: 'V',
    volts: 'V',
  },
  chargingRateUnit: {
    power: 'W',
    watt: 'W',
    watts: 'W',
    current: 'A',
    amp: 'A',
    amps: 'A',
    ampere: 'A',
    amperes: 'A',
  },
  errorCode: { '': 'NoError', none: 'NoError', ok: 'NoError', '0': 'NoError' },
}

export function synonym(name: string, word: string): string | undefined {
  const known = Object.hasOwn(synonyms, name) ? synonyms[name] : undefined
  return known !== undefined && Object.hasOwn(known, word) ? known[word] : undefined
}

/** Upper and lower case, spaces, hyphens and underscores make no difference between two words. */
export function plainWord(word: string): string {
  return word.toLowerCase().replace(/[\s_-]+/g, '')
}

/** Texts that mean something else, or nothing, when cut: kept whole however long they are. */
const wholeTexts: ReadonlySet<string> = new Set([
  'idTag',
  'parentIdTag',
  'idToken',
  'additionalIdToken',
  'transactionId',
  'value',
  'attributeValue',
  'csr',
  'certificate',
  'certificateChain',
  'exiRequest',
  'data',
  'signedMeterData',
  'publicKey',
  'v',
])

export function staysWhole(name: string): boolean {
  return wholeTexts.has(name)
}

/** Lists whose elements mean something only together: one bad element spoils them. */
const wholeLists: ReadonlySet<string> = new Set(['chargingSchedulePeriod', 'chargingSchedule'])

export function canLoseElements(name: string): boolean {
  return !wholeLists.has(name)
}

/** Required lists that say, when empty, that there is nothing to say. */
const emptiableLists: ReadonlySet<string> = new Set(['MeterValues request /meterValue'])

export function mayBeEmpty(key: string): boolean {
  return emptiableLists.has(key)
}

const unitIsPlain: ReadonlySet<unknown> = new Set([
  'Frequency',
  'SoC',
  'Temperature',
  'RPM',
  'Power.Factor',
])
const meansSomethingAbsent: ReadonlySet<string> = new Set([
  'measurand',
  'phase',
  'format',
  'location',
  'unit',
  'unitOfMeasure',
])

/**
 * Whether leaving out this member of a sampled value would say something false: without a measurand it is the
 * energy register, without a phase the total, without a unit watt-hours. Then the whole sample goes.
 */
export function spoilsSample(place: string, name: string, sample: Members): boolean {
  if (!place.endsWith(`/sampledValue/*/${name}`) || !meansSomethingAbsent.has(name)) return false
  return !(name.startsWith('unit') && unitIsPlain.has(sample['measurand']))
}

/** Other names that are used for a property of a payload. */
const aliases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'BootNotification response': { heartbeatInterval: 'interval' },
}

export function alias(message: string, name: string): string | undefined {
  const known = Object.hasOwn(aliases, message) ? aliases[message] : undefined
  return known !== undefined && Object.hasOwn(known, name) ? known[name] : undefined
}

const secretNames = /AuthorizationKey|Password|Secret|PrivateKey/i

/** Whether an object holds a setting whose value must be shown nowhere. */
export function holdsSecret(parent: Members): boolean {
  const { key, variable } = parent
  const name: unknown =
    typeof variable === 'object' && variable !== null ? (variable as Members)['name'] : key
  return typeof name === 'string' && secretNames.test(name)
}
