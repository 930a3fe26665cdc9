import type { OutboundAction, OutboundRequest, OutboundResponse } from '../src/ocpp/versions.ts'
import { certificates16 } from './certificates.ts'
import { charging16 } from './charging-16.ts'
import { files16 } from './files-16.ts'
import type { ListEntry } from './local-list.ts'
import { updatedList } from './local-list.ts'
import { OwnCertificate } from './own-certificate.ts'
import type { Body, Reaction, Refusal } from './speaker.ts'
import type { Speaker16 } from './speaker-16.ts'
import type { Evse } from './state.ts'
import { evseFor, evseOf, mayBegin, runningTransactions, statusOf } from './state.ts'

interface Said<A extends OutboundAction<'1.6'>> extends Reaction {
  readonly answer: OutboundResponse<'1.6', A>
}

/** What the charger does about each CALL; an action left out is known and not simulated. */
export type Table16 = {
  readonly [A in OutboundAction<'1.6'>]?: (request: OutboundRequest<'1.6', A>) => Said<A> | Refusal
}

export type Answers16 = (action: string, payload: unknown) => Reaction | Refusal

/** How a 1.6 charger answers and acts. Payloads have been checked against their schemas before. */
export function answers16(body: Body, speaker: Speaker16): Answers16 {
  const table: Table16 = {
    ...control16(body, speaker),
    ...settings16(body, speaker),
    ...charging16(body, speaker),
    ...reports16(body, speaker),
  }
  return (action, payload) => {
    const answer = table[action as OutboundAction<'1.6'>] as
      ((request: unknown) => Reaction | Refusal) | undefined
    if (answer !== undefined) return answer(payload)
    return { error: 'not-supported', description: `${action} is not supported by this charger` }
  }
}

function control16(body: Body, speaker: Speaker16): Table16 {
  return {
    RemoteStartTransaction: (request) => remoteStart(body, speaker, request),
    RemoteStopTransaction({ transactionId }) {
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
    Reset({ type }) {
      if (body.state.restarting !== undefined) return { answer: { status: 'Rejected' } }
      const soft = type === 'Soft'
      return {
        answer: { status: 'Accepted' },
        act: () =>
          body.apply({
            do: 'reset',
            evse: 0,
            how: soft ? 'stop-sessions' : 'at-once',
            bootReason: 'RemoteReset',
            stopReason: soft ? 'soft-reset' : 'hard-reset',
          }),
      }
    },
    ChangeAvailability({ connectorId, type }) {
      const evse = evseOf(body.state, connectorId)
      if (evse === undefined && connectorId !== 0) return { answer: { status: 'Rejected' } }
      const operative = type === 'Operative'
      const inSession = (evse === undefined ? body.state.evses : [evse]).some(
        ({ transaction }) => transaction !== undefined,
      )
      return {
        answer: { status: !operative && inSession ? 'Scheduled' : 'Accepted' },
        act: () =>
          body.apply({
            do: 'availability',
            level: evse === undefined ? 'everything' : 'evse',
            evse: connectorId,
            operative,
          }),
      }
    },
    UnlockConnector: ({ connectorId }) => unlock(body, evseOf(body.state, connectorId)),
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

function remoteStart(
  body: Body,
  speaker: Speaker16,
  request: OutboundRequest<'1.6', 'RemoteStartTransaction'>,
): Said<'RemoteStartTransaction'> {
  const { connectorId, idTag, chargingProfile } = request
  const evse =
    connectorId === undefined ? evseFor(body.state, idTag) : evseOf(body.state, connectorId)
  const asks = speaker.settings.isOn('AuthorizeRemoteTxRequests')
  if (body.bootStatus !== 'accepted' || evse === undefined || !mayBegin(body.state, evse, idTag)) {
    return { answer: { status: 'Rejected' } }
  }
  return {
    answer: { status: 'Accepted' },
    act: () => {
      if (chargingProfile !== undefined) speaker.sessionProfile(evse.id, chargingProfile)
      void body.authorise(evse.id, idTag, { trigger: 'RemoteStart', trusted: !asks })
    },
  }
}

function unlock(body: Body, evse: Evse | undefined): Said<'UnlockConnector'> {
  if (evse === undefined) return { answer: { status: 'NotSupported' } }
  const { id: evseId, jammed } = evse
  return {
    answer: { status: jammed ? 'UnlockFailed' : 'Unlocked' },
    act: () => {
      // 1.6 5.18: a running session is stopped first.
      body.apply({ do: 'stop', evse: evseId, reason: 'unlock', trigger: 'UnlockCommand' })
      if (!jammed) body.unlocked(evseId)
    },
  }
}

function reserve(body: Body, request: OutboundRequest<'1.6', 'ReserveNow'>): Said<'ReserveNow'> {
  const { connectorId, idTag, parentIdTag, reservationId, expiryDate } = request
  const evse = evseOf(body.state, connectorId)
  // ReserveConnectorZeroSupported is false.
  if (evse === undefined) return { answer: { status: 'Rejected' } }
  const status = statusOf(body.state, evse)
  const free = status === 'Available' || evse.reservation?.id === reservationId
  if (!free) {
    const why = status === 'Faulted' || status === 'Unavailable' ? status : 'Occupied'
    return { answer: { status: why } }
  }
  return {
    answer: { status: 'Accepted' },
    act: () =>
      body.apply({
        do: 'reserve',
        evse: connectorId,
        reservation: {
          id: reservationId,
          token: idTag,
          group: parentIdTag,
          until: Date.parse(expiryDate),
        },
      }),
  }
}

function settings16(body: Body, speaker: Speaker16): Table16 {
  const { settings } = speaker
  return {
    GetConfiguration({ key }) {
      const wanted = key ?? []
      const most = settings.number('GetConfigurationMaxKeys')
      if (wanted.length > most) {
        return { error: 'occurrence', description: `at most ${most} keys at once` }
      }
      const { known, unknown } = settings.read(wanted)
      return {
        answer: {
          ...(known.length > 0 ? { configurationKey: known } : {}),
          ...(unknown.length > 0 ? { unknownKey: unknown } : {}),
        },
      }
    },
    ChangeConfiguration({ key, value }) {
      const status = settings.judge(key, value)
      if (status === 'Rejected' || status === 'NotSupported') return { answer: { status } }
      return {
        answer: { status },
        act: () => {
          settings.store(key, value)
          body.settingsChanged()
          // The key travels as hex and is used as the bytes it stands for (security extension A00.FR.205).
          if (key.toLowerCase() === 'authorizationkey') {
            body.changePassword(/^([0-9a-f]{2})+$/i.test(value) ? Buffer.from(value, 'hex') : value)
          }
        },
      }
    },
    ClearCache: () => ({ answer: { status: 'Accepted' } }),
    GetLocalListVersion: () => ({
      answer: { listVersion: settings.isOn('LocalAuthListEnabled') ? body.list.version : -1 },
    }),
    SendLocalList({ listVersion, updateType, localAuthorizationList = [] }) {
      if (!settings.isOn('LocalAuthListEnabled')) return { answer: { status: 'NotSupported' } }
      if (localAuthorizationList.length > settings.number('SendLocalListMaxLength')) {
        return { answer: { status: 'Failed' } }
      }
      const changes = localAuthorizationList.map(({ idTag, idTagInfo }) => {
        const entry: ListEntry | undefined = idTagInfo && {
          token: idTag,
          accepted: idTagInfo.status === 'Accepted',
          until: idTagInfo.expiryDate === undefined ? undefined : Date.parse(idTagInfo.expiryDate),
          group: idTagInfo.parentIdTag,
        }
        return { token: idTag, entry }
      })
      const update = { version: listVersion, kind: updateType, changes }
      const list = updatedList(body.list, update, settings.number('LocalAuthListMaxLength'))
      if (typeof list === 'string') return { answer: { status: list } }
      return { answer: { status: 'Accepted' }, act: () => void (body.list = list) }
    },
  }
}

function reports16(body: Body, speaker: Speaker16): Table16 {
  const own = new OwnCertificate(body)
  return {
    TriggerMessage: ({ requestedMessage, connectorId }) =>
      trigger(body, speaker, own, requestedMessage, connectorId),
    ExtendedTriggerMessage: ({ requestedMessage, connectorId }) =>
      trigger(body, speaker, own, requestedMessage, connectorId),
    DataTransfer: ({ vendorId }) => ({
      answer: { status: vendorId === body.vendor ? 'Accepted' : 'UnknownVendorId' },
    }),
    ...files16(body),
    ...certificates16(own),
  }
}

function trigger(
  body: Body,
  speaker: Speaker16,
  own: OwnCertificate,
  message: string,
  connectorId: number | undefined,
): { answer: { status: 'Accepted' | 'Rejected' | 'NotImplemented' }; act?: () => void } {
  const all = body.state.evses.map(({ id }) => id)
  if (connectorId !== undefined && connectorId > all.length)
    return { answer: { status: 'Rejected' } }
  const idle = (action: string) => () =>
    body.send({ action, provoked: true, payload: () => ({ status: 'Idle' }) })
  const acts: Readonly<Record<string, () => void>> = {
    BootNotification: () => body.bootAgain(),
    Heartbeat: () => body.heartbeatNow(),
    StatusNotification: () => {
      const wanted = connectorId === undefined ? [0, ...all] : [connectorId]
      for (const evse of wanted) body.reportStatus(evse, true)
    },
    MeterValues: () => {
      const wanted = connectorId === undefined || connectorId === 0 ? all : [connectorId]
      for (const evse of wanted) speaker.tellMeterNow(evse)
    },
    DiagnosticsStatusNotification: idle('DiagnosticsStatusNotification'),
    FirmwareStatusNotification: idle('FirmwareStatusNotification'),
    LogStatusNotification: idle('LogStatusNotification'),
    SignChargePointCertificate: () => own.ask(undefined),
  }
  const act = acts[message]
  return act === undefined
    ? { answer: { status: 'NotImplemented' } }
    : { answer: { status: 'Accepted' }, act }
}
