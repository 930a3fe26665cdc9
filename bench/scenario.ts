import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import type { CandidateOptions } from './candidate.ts'

export interface Options {
  /** A smoke run: small numbers that mean nothing. */
  readonly quick: boolean
  /** Folder for CPU profiles of the servers. */
  readonly profile: string | undefined
  /** Folder for databases; on a disk, or durable means nothing. */
  readonly scratch: string
  readonly say: (text: string) => void
}

export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export interface Findings {
  /** What was measured and how, for a reader of the tables. */
  readonly text: string
  readonly tables: readonly Table[]
}

export interface Scenario {
  readonly name: string
  readonly title: string
  run(options: Options): Promise<Findings>
}

export const bare: CandidateOptions = { name: 'bare ws + Ajv', server: 'bare' }
export const ocppRpc: CandidateOptions = { name: 'ocpp-rpc 2.2.1', server: 'ocpp-rpc' }
export const gateway: CandidateOptions = { name: 'gateway', server: 'gateway' }

/** The product with a fresh data folder, which is gone afterwards. */
export async function withDataFolder<T>(
  { scratch }: Options,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(scratch, 'data-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export function product(dataDir: string, chargers: number): CandidateOptions {
  return { name: 'whole product', server: 'product', args: [dataDir, String(chargers)] }
}

export function withProfile(options: Options, candidate: CandidateOptions): CandidateOptions {
  return { ...candidate, profile: options.profile }
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-GB')
}

export function ratio(value: number, to: number | undefined): string {
  return to === undefined ? '' : (value / to).toFixed(2)
}

export function decimals(value: number, digits: number): string {
  return value.toFixed(digits)
}
