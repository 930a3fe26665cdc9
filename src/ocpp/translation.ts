import { plainWord } from './leniency.ts'
import type { MessageKind } from './schema.ts'
import type { Version } from './versions.ts'

type Members = Readonly<Record<string, unknown>>

/** A payload said in the words of another version, put into the words of this one. */
export interface Translation {
  readonly members: Members
  readonly detail: string
}

const occupied: ReadonlySet<string> = new Set([
  'preparing',
  'charging',
  'suspendedev',
  'suspendedevse',
  'finishing',
])

/** What 1.6 payloads say, in 2.x: a 1.6 connector is an EVSE with one connector, connector 0 the station itself. */
const from16: Readonly<Record<string, (payload: Members) => Members | undefined>> = {
  StatusNotification(payload) {
    const { status, connectorStatus } = payload
    const place = 'evseId' in payload ? {} : evseOf(payload['connectorId'])
    if (connectorStatus !== undefined || typeof status !== 'string')
      return Object.keys(place).length > 0 ? { ...payload, ...place } : undefined
    return {
      ...without(payload, ['status', 'errorCode', 'info', 'vendorId', 'vendorErrorCode']),
      ...place,
      connectorStatus: occupied.has(plainWord(status)) ? 'Occupied' : status,
    }
  },
  BootNotification(payload) {
    if ('chargingStation' in payload) return undefined
    if (!('chargePointVendor' in payload || 'chargePointModel' in payload)) return undefined
    const modem = present({ iccid: payload['iccid'], imsi: payload['imsi'] })
    const chargingStation = present({
      vendorName: payload['chargePointVendor'],
      model: payload['chargePointModel'],
      serialNumber: payload['chargePointSerialNumber'] ?? payload['chargeBoxSerialNumber'],
      firmwareVersion: payload['firmwareVersion'],
      modem: Object.keys(modem).length > 0 ? modem : undefined,
    })
    return present({
      reason: payload['reason'],
      customData: payload['customData'],
      chargingStation,
    })
  },
  MeterValues(payload) {
    const { connectorId } = payload
    if ('evseId' in payload || connectorId === undefined) return undefined
    return { ...without(payload, ['connectorId', 'transactionId']), evseId: connectorId }
  },
  Authorize(payload) {
    const { idTag } = payload
    if ('idToken' in payload || typeof idTag !== 'string') return undefined
    return { ...without(payload, ['idTag']), idToken: { idToken: idTag, type: 'ISO14443' } }
  },
}

function without(members: Members, names: readonly string[]): Members {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)))
}

function evseOf(connectorId: unknown): Members {
  if (typeof connectorId !== 'number') return {}
  return { evseId: connectorId, connectorId: connectorId === 0 ? 0 : 1 }
}

function present(members: Members): Members {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== ''),
  )
}

/** The request in this version's words, where it clearly is a 1.6 one on a 2.x connection; undefined where it needs no translation. */
export function translateRequest(
  version: Version,
  kind: MessageKind,
  action: string,
  payload: Members,
): Translation | undefined {
  if (version === '1.6' || kind !== 'request' || !Object.hasOwn(from16, action)) return undefined
  const members = from16[action]?.(payload)
  if (members === undefined) return undefined
  const error = payload['errorCode']
  const fault = typeof error === 'string' && error !== 'NoError' ? ` with errorCode ${error}` : ''
  return { members, detail: `a payload shaped by OCPP 1.6${fault}` }
}

const phaseSuffix = /^(.+)\.(L[123]|N|L[123]-N|L1-L2|L2-L3|L3-L1)$/

/** A sampled value in this version's words: a phase inside the measurand, a bare unit on 2.x. */
export function translateSample(version: Version, sample: Members): Translation | undefined {
  const { measurand, unit, unitOfMeasure } = sample
  let members = sample
  const match = typeof measurand === 'string' ? phaseSuffix.exec(measurand) : null
  if (match !== null && (sample['phase'] === undefined || sample['phase'] === match[2]))
    members = { ...members, measurand: match[1], phase: match[2] }
  if (version !== '1.6') {
    const word = typeof unitOfMeasure === 'string' ? unitOfMeasure : unit
    if (typeof word === 'string' && (unitOfMeasure == null || word === unitOfMeasure))
      members = { ...without(members, ['unit']), unitOfMeasure: { unit: word } }
  }
  return members === sample
    ? undefined
    : { members, detail: 'measurand, phase or unit named another way' }
}
