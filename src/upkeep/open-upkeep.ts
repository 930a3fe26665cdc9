import { openCommissioner } from './commissioning/commissioner.ts'
import { openCommissioningDoor } from './commissioning/door.ts'
import type { House } from './house.ts'
import { openInterviewer } from './interview/interviewer.ts'
import { granter, openDoor } from './maintenance/door.ts'
import { openKeeper } from './maintenance/keeper.ts'
import type { Upkeep } from './upkeep.ts'

export interface UpkeepOptions extends House {
  readonly settings: {
    /** New chargers are asked what they can do. */
    readonly interview: boolean
  }
}

export interface OpenUpkeep extends Upkeep {
  /** Resolves when nothing is being looked at at this moment. */
  idle(): Promise<void>
  close(): Promise<void>
}

/** Opens the care for chargers: maintenance, commissioning, and the interview of new ones. */
export async function openUpkeep({ settings, ...house }: UpkeepOptions): Promise<OpenUpkeep> {
  const grant = granter(house)
  const keeper = await openKeeper(house, grant)
  const commissioner = await openCommissioner(house)
  const interviewer = settings.interview ? await openInterviewer(house) : undefined
  return {
    maintenance: openDoor(house, grant, (chargers) => keeper.look(chargers)),
    commissioning: openCommissioningDoor(house, (chargers) => commissioner.look(chargers)),
    async idle() {
      await keeper.idle()
      await commissioner.idle()
      await interviewer?.idle()
    },
    async close() {
      await interviewer?.close()
      await commissioner.close()
      await keeper.close()
    },
  }
}
