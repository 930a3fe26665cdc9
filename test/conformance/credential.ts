import assert from 'node:assert/strict'
import { connectCharger } from '../kit/wire-charger.ts'
import type { House, ScriptedCharger } from './kit.ts'

/** Connects again as the charger with a credential; fails where it is refused. */
export async function connectsWith(
  house: House,
  { identity }: ScriptedCharger,
  password: string | Buffer,
): Promise<void> {
  const [host = '', port] = house.place.chargers.split(':')
  const basic = Buffer.concat([Buffer.from(`${identity}:`), Buffer.from(password)])
  const wire = await connectCharger({ host, port: Number(port) }, identity, {
    protocols: [`ocpp${house.version}`],
    headers: { authorization: `Basic ${basic.toString('base64')}` },
  })
  assert.equal(wire.socket.protocol, `ocpp${house.version}`)
  wire.close()
}
