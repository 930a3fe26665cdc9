import { status } from './kit.ts'
import type { ScriptedCharger } from './kit.ts'

/** What a 1.6 charger of the script says, where several cases say it. */

export const idTag = 'D001'

export function now(): string {
  return new Date().toISOString()
}

export interface IdTagInfo {
  readonly idTagInfo: { readonly status: string }
}

/** A session that charges; its transaction id. */
export async function charging(charger: ScriptedCharger, tag = idTag): Promise<number> {
  await status(charger, '1.6', 'Preparing')
  const { transactionId } = await charger.say<{ transactionId: number }>('StartTransaction', {
    connectorId: 1,
    idTag: tag,
    meterStart: 0,
    timestamp: now(),
  })
  await status(charger, '1.6', 'Charging')
  return transactionId
}

export async function ends(
  charger: ScriptedCharger,
  transactionId: number,
  reason?: string,
): Promise<void> {
  await charger.say('StopTransaction', {
    transactionId,
    meterStop: 100,
    timestamp: now(),
    ...(reason === undefined ? {} : { reason }),
  })
  await status(charger, '1.6', 'Finishing')
  await status(charger, '1.6', 'Available')
}
