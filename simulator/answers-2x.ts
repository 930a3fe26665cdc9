import type { OutboundAction, OutboundRequest, OutboundResponse } from '../src/ocpp/versions.ts'
import { OwnCertificate } from './own-certificate.ts'
import { certificates2x } from './certificates.ts'
import { charging21 } from './charging-21.ts'
import { charging2x } from './charging-2x.ts'
import { customers2x } from './customers-2x.ts'
import { displays2x } from './displays-2x.ts'
import { files2x } from './files-2x.ts'
import type { ListEntry } from './local-list.ts'
import { updatedList } from './local-list.ts'
import { monitors2x } from './monitors-2x.ts'
import { only21 } from './only-21.ts'
import type { Table21 } from './only-21.ts'
import { reports2x } from './reports-2x.ts'
import type { Body, Reaction, Refusal } from './speaker.ts'
import type { Speaker2x } from './speaker-2x.ts'
import type { Evse } from './state.ts'
import { evseFor, evseOf, mayBegin, runningTransactions, statusOf } from './state.ts'

export interface Said<A extends OutboundAction<'2.0.1'>> extends Reaction {
  readonly answer: OutboundResponse<'2.0.1', A>
}

/**
 * What the charger does about each CALL; an action left out is known and not simulated. It understands
 * what 2.1 may ask and answers in words 2.0.1 knows too.
 */
export type Table2x = {
  readonly [A in OutboundAction<'2.0.1'>]?: (
    request: OutboundRequest<'2.1', A>,
  ) => Said<A> | Refusal
}

export type Answers2x = (action: string, payload: unknown) => Reaction | Refusal

/** How a 2.x charger answers and acts. Payloads have been checked against their schemas before. */
export function answers2x(body: Body, speaker: Speaker2x): Answers2x {
  const own = new OwnCertificate(body)
  const table: Table2x & Table21 = {
    ...sessions2x(body, speaker),
    ...control2x(body, speaker),
    ...list2x(body, speaker),
    ...charging2x(body, speaker),
    ...reports2x(body, speaker, own),
    ...files2x(body),
    ...certificates2x(own),
    ...monitors2x(body, speaker),
    ...displays2x(body, speaker),
    ...customers2x(body),
    ...only21(body, speaker),
  }
  const all: Readonly<Record<string, unknown>> =
    speaker.version === '2.1' ? { ...table, ...charging21(body, speaker) } : table
  return (action, payload) => {
    const answer = all[action] as ((request: unknown) => Reaction | Refusal) | undefined
    if (answer !== undefined) return answer(payload)
    return { error: 'not-supported', description: `${action} is not supported by this charger` }
  }
}

function sessions2x(body: Body, speaker: Speaker2x): Table2x {
  return {
    RequestStartTransaction: (request) => requestStart(body, speaker, request),
    RequestStopTransaction({ transactionId }) {
      const running = runningTransactions(body.state).find(
        ({ key }) => speaker.transactionId(key) === transactionId,
      )
      if (running === undefined) return { answer: { status: 'Rejected' } }
      const { evse } = running
      return {
        answer: { status: 'Accepted' },
        act: () => body.apply({ do: 'stop', evse, reason: 'remote', trigger: 'RemoteStop' }),
      }
    },
    GetTransactionStatus({ transactionId }) {
      const messagesInQueue = body.hasKept
      if (transactionId === undefined) return { answer: { messagesInQueue } }
      const ongoingIndicator = runningTransactions(body.state).some(
        ({ key }) => speaker.transactionId(key) === transactionId,
      )
      return { answer: { ongoingIndicator, messagesInQueue } }
    },
    CostUpdated: () => ({ answer: {} }),
    ReserveNow: (request) => reserve(body, request),
    CancelReservation({ reservationId }) {
      const known = body.state.evses.some(({ reservation }) => reservation?.id === reservationId)
      if (!known) return { answer: { status: 'Rejected' } }
      return {
        answer: { status: 'Accepted' },
        act: () => body.apply({ do: 'cancel-reservation', id: reservationId }),
      }
    },
  }
}

function requestStart(
  body: Body,
  speaker: Speaker2x,
  request: OutboundRequest<'2.1', 'RequestStartTransaction'>,
): Said<'RequestStartTransaction'> {
  const { evseId, idToken, remoteStartId, groupIdToken, chargingProfile } = request
  const { state } = body
  const token = idToken.idToken
  const evse = evseId === undefined ? evseFor(state, token) : evseOf(state, evseId)
  const group = groupIdToken?.idToken
  if (body.bootStatus !== 'accepted' || !evse || !mayBegin(state, evse, token, group)) {
    return { answer: { status: 'Rejected' } }
  }
  const known = evse.transaction && speaker.transactionId(evse.transaction.key)
  const asks = speaker.model.isOn('AuthCtrlr.AuthorizeRemoteStart')
  return {
    answer: { status: 'Accepted', ...(known === undefined ? {} : { transactionId: known }) },
    act: () => {
      speaker.rememberTokenType(token, idToken.type)
      if (chargingProfile !== undefined) speaker.sessionProfile(evse.id, chargingProfile)
      void body.authorise(evse.id, token, {
        trigger: 'RemoteStart',
        remoteStartId,
        trusted: !asks,
      })
    },
  }
}

function reserve(body: Body, request: OutboundRequest<'2.1', 'ReserveNow'>): Said<'ReserveNow'> {
  const { id, evseId, idToken, groupIdToken, expiryDateTime } = request
  const free = (evse: Evse): boolean =>
    statusOf(body.state, evse) === 'Available' || evse.reservation?.id === id
  const evse = evseId === undefined ? body.state.evses.find(free) : evseOf(body.state, evseId)
  if (evse === undefined) {
    return { answer: { status: evseId === undefined ? 'Occupied' : 'Rejected' } }
  }
  if (!free(evse)) {
    const status = statusOf(body.state, evse)
    const why = status === 'Faulted' || status === 'Unavailable' ? status : 'Occupied'
    return { answer: { status: why } }
  }
  return {
    answer: { status: 'Accepted' },
    act: () =>
      body.apply({
        do: 'reserve',
        evse: evse.id,
        reservation: {
          id,
          token: idToken.idToken,
          group: groupIdToken?.idToken,
          until: Date.parse(expiryDateTime),
        },
      }),
  }
}

function control2x(body: Body, speaker: Speaker2x): Table2x {
  return {
    Reset: (request) => reset(body, speaker, request),
    ChangeAvailability({ evse: where, operationalStatus }) {
      const evse = where && evseOf(body.state, where.id)
      const unknownConnector = where?.connectorId !== undefined && where.connectorId !== 1
      if (where !== undefined && (evse === undefined || unknownConnector)) {
        return { answer: { status: 'Rejected' } }
      }
      const operative = operationalStatus === 'Operative'
      const inSession = (evse === undefined ? body.state.evses : [evse]).some(
        ({ transaction }) => transaction !== undefined,
      )
      const level =
        where === undefined ? 'charger' : where.connectorId === undefined ? 'evse' : 'connector'
      return {
        answer: { status: !operative && inSession ? 'Scheduled' : 'Accepted' },
        act: () =>
          body.apply({
            do: 'availability',
            level,
            evse: where === undefined ? 0 : where.id,
            operative,
          }),
      }
    },
    UnlockConnector({ evseId, connectorId }) {
      const evse = evseOf(body.state, evseId)
      if (evse === undefined || connectorId !== 1) {
        return { answer: { status: 'UnknownConnector' } }
      }
      if (evse.transaction?.token !== undefined) {
        return { answer: { status: 'OngoingAuthorizedTransaction' } }
      }
      if (evse.jammed) return { answer: { status: 'UnlockFailed' } }
      return { answer: { status: 'Unlocked' }, act: () => body.unlocked(evseId) }
    },
  }
}

function reset(
  body: Body,
  speaker: Speaker2x,
  { type, evseId = 0 }: OutboundRequest<'2.1', 'Reset'>,
): Said<'Reset'> {
  const { state } = body
  const scope = evseId === 0 ? state.evses : state.evses.filter(({ id }) => id === evseId)
  const unfit =
    scope.length === 0 ||
    state.restarting !== undefined ||
    scope.some(({ restarting }) => evseId !== 0 && restarting !== undefined) ||
    (evseId !== 0 && speaker.model.value(`EVSE#${evseId}.AllowReset`) !== 'true')
  if (unfit) return { answer: { status: 'Rejected' } }
  const running = scope.some(({ transaction }) => transaction !== undefined)
  const waits = type === 'OnIdle' && running
  const how = {
    Immediate: 'stop-sessions',
    OnIdle: 'when-idle',
    ImmediateAndResume: 'resume-sessions',
  } as const
  return {
    answer: { status: waits ? 'Scheduled' : 'Accepted' },
    act: () =>
      body.apply({
        do: 'reset',
        evse: evseId,
        how: how[type],
        bootReason: waits ? 'ScheduledReset' : 'RemoteReset',
        stopReason: 'immediate-reset',
      }),
  }
}

function list2x(body: Body, speaker: Speaker2x): Table2x {
  const { model } = speaker
  return {
    ClearCache: () => ({ answer: { status: 'Accepted' } }),
    GetLocalListVersion: () => ({
      answer: { versionNumber: model.isOn('LocalAuthListCtrlr.Enabled') ? body.list.version : 0 },
    }),
    SendLocalList({ versionNumber, updateType, localAuthorizationList = [] }) {
      const most = model.number('LocalAuthListCtrlr.ItemsPerMessage')
      if (!model.isOn('LocalAuthListCtrlr.Enabled') || localAuthorizationList.length > most) {
        return { answer: { status: 'Failed' } }
      }
      const changes = localAuthorizationList.map(({ idToken, idTokenInfo }) => {
        const entry: ListEntry | undefined = idTokenInfo && {
          token: idToken.idToken,
          accepted: idTokenInfo.status === 'Accepted',
          until:
            idTokenInfo.cacheExpiryDateTime === undefined
              ? undefined
              : Date.parse(idTokenInfo.cacheExpiryDateTime),
          group: idTokenInfo.groupIdToken?.idToken,
        }
        return { token: idToken.idToken, entry }
      })
      const list = updatedList(
        body.list,
        { version: versionNumber, kind: updateType, changes },
        100,
      )
      if (typeof list === 'string') return { answer: { status: list } }
      return { answer: { status: 'Accepted' }, act: () => void (body.list = list) }
    },
  }
}
