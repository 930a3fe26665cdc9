import type { JsonObject } from '../../kernel/json.ts'
import type { Version } from '../../ocpp/versions.ts'
import type { Given } from './answer.ts'
import { answers16 } from './answers-16.ts'
import { answers201 } from './answers-20.ts'
import { answers21 } from './answers-21.ts'

/** A treatment with its types erased, for whoever has a message of any version at hand. */
export interface AnyTreatment {
  readonly read?: true
  readonly noted?: string
  readonly declined?: string
  readonly answer: (given: Given, message: unknown) => JsonObject
}

/** What is done with every action, per version. */
export const treatments = {
  '1.6': answers16,
  '2.0.1': answers201,
  '2.1': answers21,
} as unknown as Readonly<Record<Version, Readonly<Record<string, AnyTreatment>>>>

/** Undefined for an action that a charger of this version cannot send. */
export function treatmentOf(version: Version, action: string): AnyTreatment | undefined {
  return Object.hasOwn(treatments[version], action) ? treatments[version][action] : undefined
}
