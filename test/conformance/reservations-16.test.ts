import assert from 'node:assert/strict'
import { conformance, status } from './kit.ts'
import type { ScriptedCharger } from './kit.ts'
import { soon } from './reservations.ts'
import { idTag, now } from './words-16.ts'

interface ReserveNow {
  readonly reservationId: number
  readonly connectorId: number
  readonly idTag: string
  readonly parentIdTag?: string
}

async function reserved(charger: ScriptedCharger, params: object): Promise<ReserveNow> {
  const ended = charger.command('reservation.make', { token: idTag, until: soon(), ...params })
  const asked = await charger.receives<ReserveNow>('ReserveNow')
  asked.answer({ status: 'Accepted' })
  await status(charger, '1.6', 'Reserved')
  const { state } = await ended
  assert.ok(['succeeded', 'accepted-unverified'].includes(state), state)
  return asked.payload
}

async function startsWith(charger: ScriptedCharger, reservationId: number, tag = idTag) {
  await charger.say('StartTransaction', {
    connectorId: 1,
    idTag: tag,
    meterStart: 0,
    reservationId,
    timestamp: now(),
  })
  await status(charger, '1.6', 'Charging')
}

conformance('1.6', 'reservations', (house, conforms) => {
  conforms('TC_046_CSMS ReservationOfConnector_Transaction', async () => {
    const charger = await house.charger()
    const { reservationId, connectorId } = await reserved(charger, { connector: 1 })
    assert.equal(connectorId, 1)
    await startsWith(charger, reservationId)
  })

  conforms('TC_047_CSMS ReservationOfConnector_Expire', async () => {
    const charger = await house.charger()
    await reserved(charger, { connector: 1 })
    await status(charger, '1.6', 'Available')
    const { connectors } = (await charger.shown()) as { connectors: { status: string }[] }
    assert.equal(connectors[0]?.status, 'Available')
  })

  for (const [name, word] of [
    ['TC_048_1_CSMS ReservationOfConnector_Faulted', 'Faulted'],
    ['TC_048_2_CSMS ReservationOfConnector_Occupied', 'Occupied'],
    ['TC_048_3_CSMS ReservationOfConnector_Unavailable', 'Unavailable'],
    ['TC_048_4_CSMS ReservationOfConnector_Rejected', 'Rejected'],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('reservation.make', {
        token: idTag,
        until: soon(),
        connector: 1,
      })
      const asked = await charger.receives('ReserveNow')
      asked.answer({ status: word })
      assert.equal((await ended).state, 'refused')
    })

  conforms('TC_049_CSMS ReservationOfChargePoint_Transaction', async () => {
    const charger = await house.charger()
    const { reservationId, connectorId } = await reserved(charger, {})
    assert.equal(connectorId, 0)
    await startsWith(charger, reservationId)
  })

  conforms('TC_051_CSMS CancelReservation', async () => {
    const charger = await house.charger()
    const { reservationId } = await reserved(charger, { connector: 1 })
    const ended = charger.command('reservation.cancel', { reservation: reservationId })
    const asked = await charger.receives('CancelReservation')
    assert.deepEqual(asked.payload, { reservationId })
    asked.answer({ status: 'Accepted' })
    await status(charger, '1.6', 'Available')
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_052_CSMS CancelReservation_Rejected', async () => {
    const charger = await house.charger()
    const ended = charger.command('reservation.cancel', { reservation: 4242 })
    const asked = await charger.receives('CancelReservation')
    asked.answer({ status: 'Rejected' })
    assert.equal((await ended).state, 'refused')
  })

  conforms('TC_053_CSMS UseReservedConnectorWithParentIdTag', async () => {
    const charger = await house.charger()
    const { reservationId, parentIdTag } = await reserved(charger, {
      connector: 1,
      groupToken: 'FAMILY',
    })
    assert.equal(parentIdTag, 'FAMILY')
    await startsWith(charger, reservationId, 'OTHER')
  })
})
