import { readFileSync } from 'node:fs'
import type { Version } from '../../src/ocpp/versions.ts'

/** A frame as a real charger (or a boundary case) sent it, with the public thread it comes from. */
export interface RealFrame {
  readonly id: string
  readonly version: Version
  readonly vendor: string
  readonly quirk: string
  readonly direction: 'CP->CSMS' | 'CSMS->CP'
  /** The bytes of the text frame; not always valid UTF-8. */
  readonly bytes: Buffer
  readonly text: string
}

/** The handshakes among the recorded frames, as raw HTTP requests. */
export interface RealHandshake {
  readonly id: string
  readonly quirk: string
  readonly request: string
}

interface Line {
  readonly id: string
  readonly ocpp: Version
  readonly vendor: string
  readonly quirk: string
  readonly direction: 'CP->CSMS' | 'CSMS->CP' | 'handshake'
  readonly frame: string | null
}

function lines(): readonly Line[] {
  const text = readFileSync(new URL('real-frames.jsonl', import.meta.url), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

export function realFrames(): readonly RealFrame[] {
  return lines().flatMap((line) => {
    const { id, ocpp: version, vendor, quirk, direction } = line
    if (direction === 'handshake') return []
    const bytes = bytesOf(line.frame ?? hugeMeterValues())
    return [{ id, version, vendor, quirk, direction, bytes, text: bytes.toString() }]
  })
}

export function realHandshakes(): readonly RealHandshake[] {
  return lines().flatMap(({ id, quirk, direction, frame }) =>
    direction === 'handshake' ? [{ id, quirk, request: frame ?? '' }] : [],
  )
}

function bytesOf(frame: string): Buffer {
  const marker = 'base64:'
  return frame.startsWith(marker)
    ? Buffer.from(frame.slice(marker.length), 'base64')
    : Buffer.from(frame)
}

/** About 270 kB: 60 meter values of 40 samples each, all as the schema asks. */
export function hugeMeterValues(): string {
  const sample = {
    value: '1234567.890',
    context: 'Sample.Periodic',
    measurand: 'Energy.Active.Import.Register',
    location: 'Outlet',
    unit: 'Wh',
  }
  const meterValue = Array.from({ length: 60 }, (_, index) => ({
    timestamp: `2026-01-01T00:${String(index).padStart(2, '0')}:00Z`,
    sampledValue: Array.from({ length: 40 }, () => sample),
  }))
  return JSON.stringify([2, 'huge', 'MeterValues', { connectorId: 1, meterValue }])
}
