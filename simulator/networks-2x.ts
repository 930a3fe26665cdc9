import type { Table2x } from './answers-2x.ts'
import type { GetData, GetResult } from './device-model.ts'
import type { Speaker2x } from './speaker-2x.ts'

/** Network connection profiles (2.0.1 B09). */
export interface Networks {
  readonly table: Table2x
  /** The variable of a slot, as 2.1 shows it in the device model; undefined where it is none. */
  read(data: GetData): GetResult | undefined
}

export function networks2x(speaker: Speaker2x): Networks {
  const urls = new Map<string, string>()
  const inUse = (): string =>
    speaker.model.value('OCPPCommCtrlr.NetworkConfigurationPriority').split(',')[0] ?? ''
  return {
    table: {
      SetNetworkProfile({ configurationSlot, connectionData }) {
        const slot = String(configurationSlot)
        const { ocppCsmsUrl, securityProfile } = connectionData
        const weaker = securityProfile < speaker.model.number('SecurityCtrlr.SecurityProfile')
        if (slot === inUse() || weaker) return { answer: { status: 'Rejected' } }
        return { answer: { status: 'Accepted' }, act: () => void urls.set(slot, ocppCsmsUrl) }
      },
    },
    read({ component, variable }) {
      const { name, instance = '' } = component
      if (name !== 'NetworkConfiguration' || variable.name !== 'OcppCsmsUrl') return undefined
      const url = urls.get(instance)
      return url === undefined
        ? { component, variable, attributeStatus: 'UnknownComponent' }
        : { component, variable, attributeStatus: 'Accepted', attributeValue: url }
    },
  }
}
