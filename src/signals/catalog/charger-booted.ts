import { Type } from 'typebox'
import type { InboundRequest } from '../../ocpp/versions.ts'
import { text } from '../read.ts'
import { signal } from '../signal.ts'

const named = Type.Optional(Type.String())

export const chargerBooted = signal({
  kind: 'charger.booted',
  title: 'The charger has started and says what it is',
  meaning: Type.Object({
    vendor: named,
    model: named,
    serialNumber: named,
    firmware: named,
    /** OCPP 2.x BootReasonEnumType. */
    reason: named,
  }),
  says: {
    '1.6': {
      BootNotification: (message) => [
        present({
          vendor: text(message.chargePointVendor),
          model: text(message.chargePointModel),
          serialNumber:
            text(message.chargePointSerialNumber) ?? text(message.chargeBoxSerialNumber),
          firmware: text(message.firmwareVersion),
        }),
      ],
    },
    '2.0.1': { BootNotification: readBoot2 },
    '2.1': { BootNotification: readBoot2 },
  },
})

function readBoot2(
  message: InboundRequest<'2.0.1', 'BootNotification'> | InboundRequest<'2.1', 'BootNotification'>,
) {
  // A boot is a boot, also where it says nothing else.
  const station: Partial<typeof message.chargingStation> = message.chargingStation ?? {}
  return [
    present({
      vendor: text(station.vendorName),
      model: text(station.model),
      serialNumber: text(station.serialNumber),
      firmware: text(station.firmwareVersion),
      reason: text(message.reason),
    }),
  ]
}

function present(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
