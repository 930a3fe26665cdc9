/** What chargers of OCPP 1.6 say, as they say it. */

export type Mix = 'heartbeats' | 'mixed' | 'reports'

export const mixes: Readonly<Record<Mix, string>> = {
  heartbeats: 'Heartbeat only',
  mixed: 'Heartbeat, StatusNotification, MeterValues ×2',
  reports: 'StatusNotification, MeterValues ×2',
}

type Build = (turn: number) => { readonly action: string; readonly payload: string }

const builders: Readonly<Record<Mix, readonly Build[]>> = {
  heartbeats: [heartbeat],
  mixed: [heartbeat, meterValues, statusNotification, meterValues],
  reports: [meterValues, statusNotification, meterValues],
}

/** The text of a charger's CALL number `turn`. */
export function callText(mix: Mix, turn: number): string {
  const build = builders[mix]
  const { action, payload } = build[turn % build.length]!(turn)
  return `[2,"${messageId(turn)}","${action}",${payload}]`
}

/** As long as the UUIDs that most chargers use. */
function messageId(turn: number): string {
  return `6fd2c9ae-4e63-4f5c-b9b5-${String(turn).padStart(12, '0')}`
}

export const bootCall = `[2,"boot","BootNotification",${JSON.stringify({
  chargePointVendor: 'Bench',
  chargePointModel: 'Lean 22',
  chargePointSerialNumber: '0815',
  firmwareVersion: '1.2.3',
})}]`

function heartbeat(): ReturnType<Build> {
  return { action: 'Heartbeat', payload: '{}' }
}

const statuses = ['Available', 'Preparing', 'Charging', 'Finishing']

function statusNotification(turn: number): ReturnType<Build> {
  const status = statuses[Math.floor(turn / 4) % statuses.length]!
  return {
    action: 'StatusNotification',
    payload: `{"connectorId":1,"errorCode":"NoError","status":"${status}","timestamp":"${now()}","info":""}`,
  }
}

/** About 450 bytes, as a charger with one phase sends every minute. */
function meterValues(turn: number): ReturnType<Build> {
  const sample = (measurand: string, unit: string, value: string): string =>
    `{"value":"${value}","context":"Sample.Periodic","measurand":"${measurand}","unit":"${unit}"}`
  const samples = [
    sample('Energy.Active.Import.Register', 'Wh', String(1_000_000 + turn)),
    sample('Power.Active.Import', 'W', String(7_000 + (turn % 400))),
    sample('Current.Import', 'A', (30 + (turn % 20) / 10).toFixed(1)),
  ]
  return {
    action: 'MeterValues',
    payload: `{"connectorId":1,"meterValue":[{"timestamp":"${now()}","sampledValue":[${samples.join(',')}]}]}`,
  }
}

function now(): string {
  return new Date().toISOString()
}
