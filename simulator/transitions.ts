import type { Step } from './stage.ts'
import { Stage } from './stage.ts'
import type { BootReason, ChargerState, Reservation, Rules, StopReason, Trigger } from './state.ts'
import { mayBegin } from './state.ts'

/** What can befall a charger, from the outside world, from a person, or from the management system. */
export type Input =
  | { readonly do: 'plug-in'; readonly evse: number }
  | { readonly do: 'unplug'; readonly evse: number }
  | {
      readonly do: 'authorise'
      readonly evse: number
      readonly token: string
      readonly group?: string | undefined
      readonly remoteStartId?: number | undefined
      readonly until: number
      readonly trigger: 'Authorized' | 'RemoteStart'
    }
  | {
      readonly do: 'stop'
      readonly evse: number
      readonly reason: StopReason
      readonly trigger: Trigger
    }
  | { readonly do: 'suspend'; readonly evse: number; readonly by: 'EV' | 'EVSE' }
  | { readonly do: 'resume'; readonly evse: number }
  | { readonly do: 'limit'; readonly evse: number; readonly watts: number }
  /** EVSE 0 is the charger itself. */
  | { readonly do: 'fault'; readonly evse: number; readonly code: string }
  | { readonly do: 'clear-fault'; readonly evse: number }
  | { readonly do: 'jam'; readonly evse: number; readonly jammed: boolean }
  | {
      readonly do: 'availability'
      /** `everything`: the charger and each connector, as 1.6 means connectorId 0. */
      readonly level: 'everything' | 'charger' | 'evse' | 'connector'
      readonly evse: number
      readonly operative: boolean
    }
  | { readonly do: 'reserve'; readonly evse: number; readonly reservation: Reservation }
  | { readonly do: 'cancel-reservation'; readonly id: number }
  | {
      readonly do: 'reset'
      /** 0: the whole charger. */
      readonly evse: number
      readonly how: 'stop-sessions' | 'at-once' | 'when-idle' | 'resume-sessions'
      readonly bootReason: BootReason
      /** What sessions cut short say. */
      readonly stopReason: StopReason
    }
  | { readonly do: 'restarted'; readonly evse: number }
  /** Time has passed: whatever ran out is over. */
  | { readonly do: 'time' }

/** The state after an input. Pure; an input that does not apply changes nothing. */
export function step(before: ChargerState, input: Input, rules: Rules, now: number): Step {
  const stage = new Stage(before, rules, now)
  if (before.restarting !== undefined && input.do !== 'restarted') {
    // Without power only the cable and the hardware change.
    if (input.do === 'plug-in') stage.change(input.evse, { plugged: true, finished: false })
    if (input.do === 'unplug') stage.change(input.evse, { plugged: false, finished: false })
    if (input.do === 'jam') stage.change(input.evse, { jammed: input.jammed })
    return stage.result()
  }
  play(stage, input)
  stage.settle()
  return stage.result()
}

function play(stage: Stage, input: Input): void {
  switch (input.do) {
    case 'plug-in':
      return plugIn(stage, input.evse)
    case 'unplug':
      return unplug(stage, input.evse)
    case 'authorise':
      return authorise(stage, input)
    case 'stop':
      return stage.end(input.evse, input.reason, input.trigger)
    case 'suspend':
      return stage.change(input.evse, { suspendedBy: input.by })
    case 'resume':
      return stage.change(input.evse, { suspendedBy: undefined })
    case 'limit':
      return stage.change(input.evse, { limitWatts: input.watts })
    case 'jam':
      return stage.change(input.evse, { jammed: input.jammed })
    case 'fault':
      return fault(stage, input.evse, input.code)
    case 'clear-fault':
      return clearFault(stage, input.evse)
    case 'availability':
      return availability(stage, input)
    case 'reserve':
      stage.dropReservation(input.reservation.id)
      return stage.change(input.evse, { reservation: input.reservation })
    case 'cancel-reservation':
      return stage.dropReservation(input.id)
    case 'reset':
      return reset(stage, input)
    case 'restarted':
      return restarted(stage, input.evse)
    case 'time':
      return runOut(stage)
  }
}

function plugIn(stage: Stage, id: number): void {
  const evse = stage.evse(id)
  if (evse === undefined || evse.plugged) return
  stage.change(id, { plugged: true, finished: false })
  if (evse.transaction !== undefined) {
    stage.change(id, { authorisation: undefined, suspendedBy: undefined })
    stage.tell(id, 'CablePluggedIn')
    return
  }
  const { authorisation } = evse
  if (authorisation !== undefined) {
    stage.change(id, { authorisation: undefined })
    stage.begin(id, 'CablePluggedIn', authorisation)
  } else if (
    stage.rules.startPoints.includes('EVConnected') &&
    mayBegin(stage.state, evse, evse.reservation?.token ?? '')
  ) {
    stage.begin(id, 'CablePluggedIn', undefined)
  }
}

function unplug(stage: Stage, id: number): void {
  const evse = stage.evse(id)
  if (evse === undefined || !evse.plugged) return
  stage.change(id, { plugged: false })
  if (evse.transaction !== undefined) {
    if (stage.rules.stopOnUnplug || evse.transaction.token === undefined) {
      stage.end(id, 'unplugged', 'EVCommunicationLost')
    } else {
      stage.tell(id, 'EVCommunicationLost')
    }
  }
  stage.change(id, { finished: false, suspendedBy: undefined })
}

function authorise(stage: Stage, input: Input & { do: 'authorise' }): void {
  const evse = stage.evse(input.evse)
  if (evse === undefined || !mayBegin(stage.state, evse, input.token, input.group)) return
  const authorisation = {
    token: input.token,
    group: input.group,
    remoteStartId: input.remoteStartId,
    until: input.until,
  }
  const { transaction } = evse
  if (transaction !== undefined) {
    const { token, group, remoteStartId } = authorisation
    const known = { ...transaction, token, group, remoteStartId }
    stage.change(input.evse, { transaction: known })
    stage.tell(input.evse, input.trigger)
    return
  }
  if (!evse.plugged) stage.change(input.evse, { authorisation })
  if (evse.plugged || stage.rules.startPoints.includes('Authorized')) {
    stage.begin(input.evse, input.trigger, authorisation)
  }
}

function fault(stage: Stage, id: number, code: string): void {
  const struck = id === 0 ? stage.state.evses.map((evse) => evse.id) : [id]
  if (id === 0) stage.state = { ...stage.state, fault: code }
  else stage.change(id, { fault: code })
  for (const each of struck) {
    stage.end(each, 'fault', 'AbnormalCondition')
    const { reservation } = stage.evse(each) ?? {}
    stage.change(each, { authorisation: undefined, reservation: undefined })
    if (reservation !== undefined) {
      stage.happenings.push({ what: 'reservation-over', id: reservation.id, how: 'Removed' })
    }
  }
  stage.happenings.push({ what: 'fault', evse: id, code, over: false })
}

function clearFault(stage: Stage, id: number): void {
  const code = id === 0 ? stage.state.fault : stage.evse(id)?.fault
  if (code === undefined) return
  if (id === 0) stage.state = { ...stage.state, fault: undefined }
  else stage.change(id, { fault: undefined })
  stage.happenings.push({ what: 'fault', evse: id, code, over: true })
}

function availability(stage: Stage, input: Input & { do: 'availability' }): void {
  const { level, operative } = input
  if (level === 'charger' || level === 'everything') stage.state = { ...stage.state, operative }
  if (level === 'evse') stage.change(input.evse, { operative })
  if (level === 'connector') stage.change(input.evse, { connectorOperative: operative })
  if (level === 'everything') {
    for (const evse of stage.state.evses) {
      stage.change(evse.id, { operative, connectorOperative: operative })
    }
  }
}

function reset(stage: Stage, input: Input & { do: 'reset' }): void {
  const { evse: id, how, bootReason, stopReason } = input
  const running = stage.scope(id).some((evse) => evse.transaction !== undefined)
  if (how === 'when-idle' && running) {
    if (id === 0) stage.state = { ...stage.state, awaitingReset: { bootReason } }
    else stage.change(id, { awaitingReset: true })
    return
  }
  if (how === 'stop-sessions') {
    for (const evse of stage.scope(id)) stage.end(evse.id, stopReason, 'ResetCommand')
  }
  if (how === 'resume-sessions') {
    for (const evse of stage.scope(id)) stage.tell(evse.id, 'ResetCommand')
  }
  // Ending the sessions may have set off a restart that was waiting for them.
  if (stage.isRestarting(id)) return
  const sessions = how === 'resume-sessions' ? 'resume' : stopReason
  stage.restart(id, { bootReason, sessions }, how !== 'at-once')
}

function restarted(stage: Stage, id: number): void {
  const { restarting } = id === 0 ? stage.state : (stage.evse(id) ?? {})
  if (restarting === undefined) return
  if (id === 0) stage.state = { ...stage.state, restarting: undefined }
  for (const evse of stage.scope(id)) {
    stage.change(evse.id, { restarting: undefined, finished: false })
    if (evse.transaction === undefined) stage.change(evse.id, { authorisation: undefined })
    if (restarting.sessions === 'resume') {
      stage.tell(evse.id, 'TxResumed')
    } else {
      const trigger = restarting.sessions === 'power-loss' ? 'AbnormalCondition' : 'ResetCommand'
      stage.end(evse.id, restarting.sessions, trigger)
      stage.change(evse.id, { finished: false, suspendedBy: undefined })
    }
  }
}

function runOut(stage: Stage): void {
  for (const evse of stage.state.evses) {
    if (evse.authorisation !== undefined && evse.authorisation.until <= stage.now) {
      stage.change(evse.id, { authorisation: undefined })
      if (!evse.plugged) stage.end(evse.id, 'timeout', 'EVConnectTimeout')
    }
    if (evse.reservation !== undefined && evse.reservation.until <= stage.now) {
      stage.change(evse.id, { reservation: undefined })
      stage.happenings.push({ what: 'reservation-over', id: evse.reservation.id, how: 'Expired' })
    }
  }
}
