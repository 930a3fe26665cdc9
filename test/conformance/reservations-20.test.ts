import assert from 'node:assert/strict'
import { conformance, status } from './kit.ts'
import type { House, ScriptedCharger } from './kit.ts'
import { soon } from './reservations.ts'
import { evse1, newTransaction, rfid, tell } from './words-20.ts'

interface ReserveNow {
  readonly id: number
  readonly evseId?: number
  readonly connectorType?: string
  readonly idToken: { readonly idToken: string }
  readonly groupIdToken?: { readonly idToken: string }
}

const wanted = { token: 'D001', tokenType: 'ISO14443' } as const

/** A reservation that was accepted and shows; its number. */
async function reserved(
  charger: ScriptedCharger,
  params: object,
  word: string | undefined = 'Reserved',
): Promise<ReserveNow> {
  const ended = charger.command('reservation.make', { ...wanted, until: soon(), ...params })
  const asked = await charger.receives<ReserveNow>('ReserveNow')
  assert.equal(asked.payload.idToken.idToken, 'D001')
  asked.answer({ status: 'Accepted' })
  if (word !== undefined) await status(charger, '2.0.1', word)
  const { state } = await ended
  assert.ok(['succeeded', 'accepted-unverified'].includes(state), state)
  return asked.payload
}

async function startsWith(house: House, charger: ScriptedCharger, idToken: object): Promise<void> {
  await status(charger, '2.0.1', 'Occupied')
  await tell(charger, 'Started', newTransaction(), 'Authorized', { evse: evse1, idToken })
  const { body } = await house.owner('GET', `/sessions?charger=${charger.identity}`)
  assert.equal((body as { items: unknown[] }).items.length, 1)
}

conformance('2.0.1', 'reservations', (house, conforms) => {
  conforms('TC_H_01_CSMS Reserve a specific EVSE - Accepted - Valid idToken', async () => {
    const charger = await house.charger()
    const { evseId } = await reserved(charger, { evse: 1 })
    assert.equal(evseId, 1)
    await startsWith(house, charger, rfid)
  })

  conforms('TC_H_07_CSMS Reserve a specific EVSE - Reservation Ended / not used', async () => {
    const charger = await house.charger()
    const { id } = await reserved(charger, { evse: 1 })
    await charger.say('ReservationStatusUpdate', {
      reservationId: id,
      reservationUpdateStatus: 'Expired',
    })
    await status(charger, '2.0.1', 'Available')
  })

  conforms('TC_H_08_CSMS Reserve an unspecified EVSE - Accepted', async () => {
    const charger = await house.charger({ evses: 2 })
    const { evseId } = await reserved(charger, {})
    assert.equal(evseId, undefined)
  })

  conforms(
    'TC_H_14_CSMS Reserve an unspecified EVSE - Amount of EVSEs available equals the amount of reservations',
    async () => {
      const charger = await house.charger()
      await reserved(charger, {})
      await status(charger, '2.0.1', 'Reserved')
    },
  )

  conforms('TC_H_15_CSMS Reserve a connector with a specific type - Success', async () => {
    const charger = await house.charger({ evses: 2 })
    const asked = await reserved(charger, { connectorType: 'cType2' })
    assert.deepEqual([asked.evseId, asked.connectorType], [undefined, 'cType2'])
    await startsWith(house, charger, rfid)
  })

  conforms('TC_H_17_CSMS Cancel reservation of an EVSE - Success', async () => {
    const charger = await house.charger()
    const { id } = await reserved(charger, { evse: 1 })
    const ended = charger.command('reservation.cancel', { reservation: id })
    const asked = await charger.receives('CancelReservation')
    assert.deepEqual(asked.payload, { reservationId: id })
    asked.answer({ status: 'Accepted' })
    await status(charger, '2.0.1', 'Available')
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_H_19_CSMS Reserve a specific EVSE - Use a reserved EVSE with Groupld', async () => {
    const charger = await house.charger()
    const { groupIdToken } = await reserved(charger, { evse: 1, groupToken: 'FAMILY' })
    assert.equal(groupIdToken?.idToken, 'FAMILY')
    await startsWith(house, charger, { idToken: 'OTHER', type: 'ISO14443' })
  })

  conforms('TC_H_20_CSMS Charging Station cancels reservation when Faulted', async () => {
    const charger = await house.charger()
    const { id } = await reserved(charger, { evse: 1 })
    await status(charger, '2.0.1', 'Faulted')
    await charger.say('ReservationStatusUpdate', {
      reservationId: id,
      reservationUpdateStatus: 'Removed',
    })
  })

  conforms('TC_H_22_CSMS Reserve a specific EVSE - Configured to Reject', async () => {
    const charger = await house.charger()
    const ended = charger.command('reservation.make', { ...wanted, evse: 1, until: soon() })
    const asked = await charger.receives('ReserveNow')
    asked.answer({ status: 'Rejected' })
    assert.equal((await ended).state, 'refused')
  })
})
