import type { OutboundAction, OutboundRequest, OutboundResponse } from '../src/ocpp/versions.ts'
import { tellInPages } from './pages.ts'
import type { Body, Reaction, Refusal } from './speaker.ts'
import type { Speaker2x } from './speaker-2x.ts'
import { evseOf, runningTransactions } from './state.ts'

type Said<A extends OutboundAction<'2.1'>> = Reaction & {
  readonly answer: OutboundResponse<'2.1', A>
}

/** What the charger does about CALLs only OCPP 2.1 has. */
export type Table21 = {
  readonly [A in Exclude<OutboundAction<'2.1'>, OutboundAction<'2.0.1'>>]?: (
    request: OutboundRequest<'2.1', A>,
  ) => Said<A> | Refusal
}

export function only21(body: Body, speaker: Speaker2x): Table21 {
  return { ...tariffs(body, speaker), ...controls(body), ...streams() }
}

/** Tariffs (2.1 I07 to I11): defaults by EVSE, 0 for all; a driver's own by transaction. */
function tariffs(body: Body, speaker: Speaker2x): Table21 {
  const defaults = new Map<number, string>()
  const driver = new Map<string, { readonly tariff: string; readonly evse: number }>()
  const transactionIds = (): readonly unknown[] =>
    runningTransactions(body.state).map(({ key }) => speaker.transactionId(key))
  const all = () => [
    ...[...defaults].map(([evse, tariff]) => ({ kind: 'DefaultTariff' as const, evse, tariff })),
    ...[...driver]
      .filter(([id]) => transactionIds().includes(id))
      .map(([, { tariff, evse }]) => ({ kind: 'DriverTariff' as const, evse, tariff })),
  ]
  const on = (evse: number) => all().filter((one) => evse === 0 || [0, evse].includes(one.evse))
  return {
    SetDefaultTariff({ evseId, tariff }) {
      if (evseId !== 0 && evseOf(body.state, evseId) === undefined)
        return { answer: { status: 'Rejected' } }
      return {
        answer: { status: 'Accepted' },
        act: () => void defaults.set(evseId, tariff.tariffId),
      }
    },
    GetTariffs({ evseId }) {
      const [first, ...rest] = on(evseId).map(({ kind, evse, tariff }) => ({
        tariffId: tariff,
        tariffKind: kind,
        evseIds: [evse] as [number],
      }))
      return first === undefined
        ? { answer: { status: 'NoTariff' } }
        : { answer: { status: 'Accepted', tariffAssignments: [first, ...rest] } }
    },
    ClearTariffs({ tariffIds, evseId }) {
      const known = on(evseId ?? 0).filter(({ kind }) => kind === 'DefaultTariff')
      const wanted: readonly string[] = tariffIds ?? known.map(({ tariff }) => tariff)
      const [first, ...rest] = wanted.map((tariffId) => ({
        tariffId,
        status: known.some(({ tariff }) => tariff === tariffId)
          ? ('Accepted' as const)
          : ('NoTariff' as const),
      }))
      return {
        answer: { clearTariffsResult: [first ?? { status: 'NoTariff' }, ...rest] },
        act() {
          for (const { evse, tariff } of known) if (wanted.includes(tariff)) defaults.delete(evse)
        },
      }
    },
    ChangeTransactionTariff({ transactionId, tariff }) {
      const running = runningTransactions(body.state).find(
        ({ key }) => speaker.transactionId(key) === transactionId,
      )
      if (running === undefined) return { answer: { status: 'TxNotFound' } }
      const { evse } = running
      return {
        answer: { status: 'Accepted' },
        act: () => void driver.set(transactionId, { tariff: tariff.tariffId, evse }),
      }
    },
  }
}

type Control = OutboundRequest<'2.1', 'SetDERControl'>
type Asked = Pick<
  OutboundRequest<'2.1', 'GetDERControl'>,
  'isDefault' | 'controlType' | 'controlId'
>

/** Controls of the grid code (2.1 R04): it remembers them and lists those it can describe. */
function controls(body: Body): Table21 {
  let held: readonly Control[] = []
  const matching = ({ isDefault, controlType, controlId }: Asked) =>
    held.filter(
      (one) =>
        (isDefault === undefined || one.isDefault === isDefault) &&
        (controlType === undefined || one.controlType === controlType) &&
        (controlId === undefined || one.controlId === controlId),
    )
  return {
    SetDERControl(control) {
      if (memberOf(control) === undefined) return { answer: { status: 'NotSupported' } }
      const old = held.filter(
        ({ controlType, isDefault }) =>
          controlType === control.controlType && isDefault === control.isDefault,
      )
      const ids = old.map(({ controlId }) => controlId).filter((id) => id !== control.controlId)
      const [first, ...rest] = ids
      return {
        answer: {
          status: 'Accepted',
          ...(first === undefined ? {} : { supersededIds: [first, ...rest] as [string] }),
        },
        act: () => void (held = [...held.filter((one) => !old.includes(one)), control]),
      }
    },
    ClearDERControl(asked) {
      const gone = matching(asked)
      return {
        answer: { status: gone.length === 0 ? 'NotFound' : 'Accepted' },
        act: () => void (held = held.filter((one) => !gone.includes(one))),
      }
    },
    GetDERControl(asked) {
      const found = matching(asked)
      if (found.length === 0) return { answer: { status: 'NotFound' } }
      return {
        answer: { status: 'Accepted' },
        act: () =>
          tellInPages(body, {
            action: 'ReportDERControl',
            requestId: asked.requestId,
            entries: found,
            perPage: 1,
            numbered: false,
            page: ([control]) => (control === undefined ? {} : reported(control)),
          }),
      }
    },
  }
}

/** Members of SetDERControl, each with what ReportDERControl calls its content and whether it tells its standing. */
const members = {
  curve: { content: 'curve', standing: true },
  enterService: { content: 'enterService', standing: false },
  fixedPFAbsorb: { content: 'fixedPF', standing: true },
  fixedPFInject: { content: 'fixedPF', standing: true },
  fixedVar: { content: 'fixedVar', standing: true },
  freqDroop: { content: 'freqDroop', standing: true },
  gradient: { content: 'gradient', standing: false },
  limitMaxDischarge: { content: 'limitMaxDischarge', standing: true },
} as const
type Member = keyof typeof members

function memberOf(control: Control): Member | undefined {
  return (Object.keys(members) as Member[]).find((name) => control[name] !== undefined)
}

function reported(control: Control): object {
  const { controlId: id, controlType: curveType, isDefault } = control
  const member = memberOf(control)
  if (member === undefined) return {}
  const { content, standing } = members[member]
  const entry = {
    id,
    ...(standing ? { isDefault, isSuperseded: false } : {}),
    ...(member === 'curve' ? { curveType } : {}),
    [content]: control[member],
  }
  return { [member]: [entry] }
}

/** No stream is ever open: the management system takes none. */
function streams(): Table21 {
  return {
    GetPeriodicEventStream: () => ({ answer: {} }),
    AdjustPeriodicEventStream: () => ({ answer: { status: 'Rejected' } }),
  }
}
