import type { FromCharger16, ToCharger16 } from './messages-16.ts'
import { actionsFromCharger16, actionsToCharger16 } from './messages-16.ts'
import type { FromCharger20, ToCharger20 } from './messages-20.ts'
import { actionsFromCharger20, actionsToCharger20 } from './messages-20.ts'
import type { FromCharger21, ToCharger21 } from './messages-21.ts'
import { actionsFromCharger21, actionsToCharger21 } from './messages-21.ts'

/** The OCPP versions spoken here. */
export const versions = ['1.6', '2.0.1', '2.1'] as const
export type Version = (typeof versions)[number]

export interface FromCharger {
  '1.6': FromCharger16
  '2.0.1': FromCharger20
  '2.1': FromCharger21
}
export interface ToCharger {
  '1.6': ToCharger16
  '2.0.1': ToCharger20
  '2.1': ToCharger21
}

/** Actions of CALLs from a charger to us. */
export type InboundAction<V extends Version> = keyof FromCharger[V] & string
/** Actions of CALLs from us to a charger. */
export type OutboundAction<V extends Version> = keyof ToCharger[V] & string

type RequestOf<M> = M extends { request: infer R } ? R : never
type ResponseOf<M> = M extends { response: infer R } ? R : never

export type InboundRequest<V extends Version, A extends InboundAction<V>> = RequestOf<
  FromCharger[V][A]
>
export type InboundResponse<V extends Version, A extends InboundAction<V>> = ResponseOf<
  FromCharger[V][A]
>
export type OutboundRequest<V extends Version, A extends OutboundAction<V>> = RequestOf<
  ToCharger[V][A]
>
export type OutboundResponse<V extends Version, A extends OutboundAction<V>> = ResponseOf<
  ToCharger[V][A]
>

/** OCPP-J subprotocol names (OCPP 1.6J 3.1.2, 2.0.1 part 4 section 3.1.2), in no order of preference: the charger's own order decides. */
export const subprotocols: Readonly<Record<string, Version>> = {
  'ocpp1.6': '1.6',
  'ocpp2.0.1': '2.0.1',
  'ocpp2.1': '2.1',
}

export function subprotocolOf(version: Version): string {
  return `ocpp${version}`
}

const inbound: Record<Version, ReadonlySet<string>> = {
  '1.6': new Set(actionsFromCharger16),
  '2.0.1': new Set(actionsFromCharger20),
  '2.1': new Set(actionsFromCharger21),
}
const outbound: Record<Version, ReadonlySet<string>> = {
  '1.6': new Set(actionsToCharger16),
  '2.0.1': new Set(actionsToCharger20),
  '2.1': new Set(actionsToCharger21),
}

export function isInboundAction(version: Version, action: string): boolean {
  return inbound[version].has(action)
}
export function isOutboundAction(version: Version, action: string): boolean {
  return outbound[version].has(action)
}
export function inboundActions(version: Version): readonly string[] {
  return [...inbound[version]]
}
export function outboundActions(version: Version): readonly string[] {
  return [...outbound[version]]
}
