import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { ModelProfile } from './profile.ts'

const folder = path.resolve(import.meta.dirname, '../../models/vendors')

/** One file of the vendors' folder. */
export interface VendorFile {
  readonly vendor: string
  readonly profiles: readonly ModelProfile[]
}

/** The profiles that come with the product, from `models/vendors/*.json`. Their form is checked by a test. */
export function shippedProfiles(): readonly ModelProfile[] {
  return shippedFiles().flatMap(({ profiles }) => profiles)
}

export function shippedFiles(): readonly VendorFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as VendorFile)
}
