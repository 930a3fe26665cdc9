import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { natsForTests, natsPrefix } from '../../test/kit/nats-server.ts'
import { ScriptedControl, result } from '../../test/kit/scripted-control.ts'
import { until } from '../../test/kit/until.ts'
import { connectCharger } from '../../test/kit/wire-charger.ts'
import { natsBus } from '../bus/nats.ts'
import { systemClock } from '../kernel/clock.ts'
import { uuid7 } from '../kernel/ids.ts'
import { silentLog } from '../kernel/log.ts'
import type { Gateway } from './gateway.ts'
import { openGateway } from './gateway.ts'

interface Plant {
  readonly control: ScriptedControl
  readonly one: Gateway
  readonly two: Gateway
}

const nats = await natsForTests()

suite(
  'gateways and control as processes of their own, over NATS',
  'url' in nats ? {} : { skip: nats.missing },
  () => {
    if (!('url' in nats)) return
    const { url } = nats

    async function openPlant() {
      const prefix = natsPrefix()
      const buses = await Promise.all(
        ['control', 'one', 'two'].map((name) => natsBus({ url, name, prefix, log: silentLog })),
      )
      const [controlBus, ...gatewayBuses] = buses
      assert.ok(controlBus !== undefined)
      const control = new ScriptedControl(controlBus)
      await controlBus.flush()
      const [one, two] = await Promise.all(
        gatewayBuses.map((bus, index) =>
          openGateway({
            address: { host: '127.0.0.1', port: 0 },
            bus,
            clock: systemClock,
            log: silentLog,
            name: `gateway-${index}`,
            newId: uuid7(systemClock),
          }),
        ),
      )
      assert.ok(one !== undefined && two !== undefined)
      const close = async () => {
        await Promise.all([one.close(), two.close()])
        await Promise.all(buses.map((bus) => bus.close()))
      }
      return { control, one, two, close }
    }

    test('a charger is heard, commanded, and moves from one gateway to the other', async () => {
      const plant = await openPlant()
      try {
        await moveAcross(plant)
      } finally {
        await plant.close()
      }
    })
  },
)

async function moveAcross({ control, one, two }: Plant): Promise<void> {
  control.answers.set('StartTransaction', () =>
    result({ transactionId: 7, idTagInfo: { status: 'Accepted' } }),
  )
  const charger = await connectCharger(one.address(), 'säule 1')
  const start = {
    connectorId: 1,
    idTag: 'TAG',
    meterStart: 0,
    timestamp: '2026-01-01T00:00:00Z',
  }
  const answer = await charger.call('StartTransaction', start)
  assert.deepEqual(answer[2], { transactionId: 7, idTagInfo: { status: 'Accepted' } })
  charger.send(
    '[2,"big","MeterValues",{"connectorId":1,"transactionId":9223372036854775807,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{"value":"1"}]}]}]',
  )
  await charger.answerTo('big')
  const meter = control.inbound[1]?.payload as { transactionId: unknown }
  assert.equal(meter.transactionId, 9223372036854775807n)

  const newer = await connectCharger(two.address(), 'säule 1')
  await charger.gone()
  await until(() => one.connections() === 0, 'gone from the first gateway')
  await until(
    () => control.reports.filter((report) => report.kind === 'opened').length === 2,
    'reported by the second',
  )
  const receipt = await control.call(systemClock, 'säule 1', 'ClearCache', {}, { callId: 'c1' })
  assert.deepEqual(receipt, { taken: true })
  newer.answer((await newer.calledNow()).id, { status: 'Accepted' })
  await until(() => control.outcomesOf('c1').length === 2, 'answered')
  assert.deepEqual(control.outcomesOf('c1'), ['sent', 'answered'])
  newer.close()
}
