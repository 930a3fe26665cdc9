import { Type } from 'typebox'
import { oneOf, whole } from '../read.ts'
import { signal, silent } from '../signal.ts'

const ways = ['Expired', 'Removed', 'NoTransaction'] as const

export const reservationEnded = signal({
  kind: 'reservation.ended',
  title: 'A reservation is over without having been used',
  meaning: Type.Object({
    reservation: Type.Integer(),
    how: Type.Enum([...ways]),
  }),
  says: {
    '1.6': silent('OCPP 1.6 tells only that the connector is no longer Reserved'),
    '2.0.1': { ReservationStatusUpdate: read },
    '2.1': { ReservationStatusUpdate: read },
  },
})

function read(message: { reservationId: number; reservationUpdateStatus: string }) {
  const reservation = whole(message.reservationId)
  const how = oneOf(ways, message.reservationUpdateStatus)
  return reservation === undefined || how === undefined ? [] : [{ reservation, how }]
}
