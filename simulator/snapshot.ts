import type { VirtualCharger } from './body.ts'
import type { EvseSnapshot, Snapshot } from './charger.ts'
import type { Line } from './line.ts'
import type { Speaker } from './speaker.ts'
import type { Evse } from './state.ts'
import { energyWh, isOperative, status2xOf, statusOf } from './state.ts'

/** What an onlooker standing before the charger could see of it. */
export function snapshotOf(charger: VirtualCharger, line: Line, speaker: Speaker): Snapshot {
  return {
    connected: line.isOpen,
    restarting: charger.state.restarting !== undefined,
    boot: line.connection.bootStatus,
    operative: charger.state.operative,
    talking: line.isTalking,
    undelivered: line.outbox.waiting,
    clockSkewMs: line.localClock.skewMs,
    evses: charger.state.evses.map((evse) => evseSnapshot(charger, speaker, evse)),
  }
}

function evseSnapshot(charger: VirtualCharger, speaker: Speaker, evse: Evse): EvseSnapshot {
  const { transaction } = evse
  return {
    id: evse.id,
    status: (charger.version === '1.6' ? statusOf : status2xOf)(charger.state, evse),
    plugged: evse.plugged,
    fault: evse.fault ?? charger.state.fault,
    operative: isOperative(charger.state, evse),
    watts: evse.watts,
    limitWatts: evse.limitWatts,
    energyWh: energyWh(evse, charger.clock.now()),
    reservation: evse.reservation?.id,
    awaitsCable: evse.authorisation !== undefined,
    transaction: transaction && {
      id: speaker.transactionId(transaction.key),
      token: transaction.token,
      remoteStartId: transaction.remoteStartId,
      chargingState: transaction.chargingState,
      startedAt: transaction.startedAt,
    },
  }
}
