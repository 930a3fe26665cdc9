import type {
  ChargerState,
  Evse,
  Restart,
  Rules,
  StopReason,
  Transaction,
  Trigger,
} from './state.ts'
import { chargingStateOf, energyWh, runningTransactions } from './state.ts'

/** What a charger has to tell or do after a step. */
export type Happening =
  | { readonly what: 'started'; readonly transaction: Transaction; readonly trigger: Trigger }
  | { readonly what: 'updated'; readonly transaction: Transaction; readonly trigger: Trigger }
  | {
      readonly what: 'ended'
      readonly transaction: Transaction
      readonly trigger: Trigger
      readonly reason: StopReason
      readonly stopWh: number
    }
  | { readonly what: 'reservation-over'; readonly id: number; readonly how: 'Expired' | 'Removed' }
  | { readonly what: 'fault'; readonly evse: number; readonly code: string; readonly over: boolean }
  /** Power goes away now; `graceful`: after the sessions' ends have been told. */
  | { readonly what: 'restart'; readonly evse: number; readonly graceful: boolean }

export interface Step {
  readonly state: ChargerState
  readonly happenings: readonly Happening[]
}

/** The workbench of one step: holds the state being made and what is to be told. */
export class Stage {
  state: ChargerState
  readonly rules: Rules
  readonly now: number
  readonly happenings: Happening[] = []

  constructor(state: ChargerState, rules: Rules, now: number) {
    this.state = state
    this.rules = rules
    this.now = now
  }

  result(): Step {
    return { state: this.state, happenings: this.happenings }
  }

  evse(id: number): Evse | undefined {
    return this.state.evses[id - 1]
  }

  /** The EVSEs that EVSE `id` stands for; 0 is all. */
  scope(id: number): readonly Evse[] {
    return id === 0 ? this.state.evses : this.state.evses.filter((evse) => evse.id === id)
  }

  change(id: number, patch: Partial<Evse>): void {
    if (this.evse(id) === undefined) return
    this.state = {
      ...this.state,
      evses: this.state.evses.map((evse) => (evse.id === id ? { ...evse, ...patch } : evse)),
    }
  }

  /** Opens a session. */
  begin(
    id: number,
    trigger: Trigger,
    by: { token: string; group: string | undefined; remoteStartId: number | undefined } | undefined,
  ): void {
    const evse = this.evse(id)
    if (evse === undefined || evse.transaction !== undefined) return
    const opened: Transaction = {
      key: String(this.state.transactionsBegun + 1),
      evse: id,
      startedAt: this.now,
      startWh: energyWh(evse, this.now),
      token: by?.token,
      group: by?.group,
      remoteStartId: by?.remoteStartId,
      reservationId: evse.reservation?.id,
      chargingState: 'Idle',
    }
    const chargingState = chargingStateOf({ ...evse, transaction: opened, suspendedBy: undefined })
    const transaction = { ...opened, chargingState }
    this.state = { ...this.state, transactionsBegun: this.state.transactionsBegun + 1 }
    this.change(id, {
      transaction,
      reservation: undefined,
      finished: false,
      suspendedBy: undefined,
    })
    this.happenings.push({ what: 'started', transaction, trigger })
  }

  /** Reports a running session as it is now. */
  tell(id: number, trigger: Trigger): void {
    const evse = this.evse(id)
    if (evse?.transaction === undefined) return
    const transaction = { ...evse.transaction, chargingState: chargingStateOf(evse) }
    this.change(id, { transaction })
    this.happenings.push({ what: 'updated', transaction, trigger })
  }

  /** Closes the session of an EVSE, if one runs. */
  end(id: number, reason: StopReason, trigger: Trigger): void {
    const evse = this.evse(id)
    if (evse?.transaction === undefined) return
    const stopWh = energyWh(evse, this.now)
    this.change(id, {
      transaction: undefined,
      authorisation: undefined,
      finished: evse.plugged,
      suspendedBy: undefined,
      energyWh: stopWh,
      energyAt: this.now,
      watts: 0,
    })
    const transaction: Transaction = {
      ...evse.transaction,
      chargingState: evse.plugged ? 'EVConnected' : 'Idle',
    }
    this.happenings.push({ what: 'ended', transaction, trigger, reason, stopWh })
  }

  dropReservation(id: number): void {
    const holder = this.state.evses.find((evse) => evse.reservation?.id === id)
    if (holder !== undefined) this.change(holder.id, { reservation: undefined })
  }

  isRestarting(id: number): boolean {
    return (
      this.state.restarting !== undefined || (id !== 0 && this.evse(id)?.restarting !== undefined)
    )
  }

  restart(id: number, restarting: Restart, graceful: boolean): void {
    if (id === 0) {
      this.state = { ...this.state, restarting, awaitingReset: undefined }
      for (const evse of this.state.evses) this.change(evse.id, { awaitingReset: false })
    } else {
      this.change(id, { restarting, awaitingReset: false })
    }
    this.happenings.push({ what: 'restart', evse: id, graceful })
  }

  /** Brings power, energy and charging states in line, and sets off restarts that waited for idleness. */
  settle(): void {
    for (const evse of this.state.evses) {
      const dead = this.state.restarting !== undefined || evse.restarting !== undefined
      const charging = !dead && chargingStateOf(evse) === 'Charging'
      const watts = charging ? Math.min(this.rules.maxWatts, evse.limitWatts) : 0
      if (watts !== evse.watts) {
        this.change(evse.id, { energyWh: energyWh(evse, this.now), energyAt: this.now, watts })
      }
      const told = evse.transaction?.chargingState
      if (!dead && told !== undefined && told !== chargingStateOf(evse)) {
        this.tell(evse.id, 'ChargingStateChanged')
      }
    }
    this.startAwaited()
  }

  startAwaited(): void {
    const { awaitingReset } = this.state
    if (awaitingReset !== undefined && runningTransactions(this.state).length === 0) {
      this.restart(0, { bootReason: awaitingReset.bootReason, sessions: 'immediate-reset' }, true)
    }
    for (const evse of this.state.evses) {
      if (!evse.awaitingReset || evse.transaction !== undefined) continue
      const restarting = { bootReason: 'ScheduledReset', sessions: 'immediate-reset' } as const
      this.restart(evse.id, restarting, true)
    }
  }
}
