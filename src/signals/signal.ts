import type { Static, TSchema } from 'typebox'
import type { InboundAction, InboundRequest, Version } from '../ocpp/versions.ts'

/**
 * A signal is something a charger tells, declared once: what it means, and for every OCPP version which
 * messages say it and how to read them. The rooms above know meanings only, no messages.
 *
 * An action the version does not have, or a field the message does not have, does not compile.
 */
export interface SignalDeclaration<
  Kind extends string = string,
  Meaning extends TSchema = TSchema,
> {
  readonly kind: Kind
  /** What it tells, for a person. */
  readonly title: string
  /** What must be readable for the meaning to be clear; messages that break their schema are held against it. */
  readonly meaning: Meaning
  readonly says: { readonly [V in Version]: Sayings<V, Static<Meaning>> | Silent }
}

/** For the actions that say it: the meanings in one message, which may be none. */
export type Sayings<V extends Version, Meaning> = {
  readonly [A in InboundAction<V>]?: (message: InboundRequest<V, A>) => readonly Meaning[]
}

/** This version has no way of saying it. */
export interface Silent {
  readonly silent: true
  readonly because: string
}

export function silent(because: string): Silent {
  return { silent: true, because }
}

export function isSilent(says: object): says is Silent {
  return 'silent' in says
}

/** Declares a signal; exists so that the declaration is checked where it is written. */
export function signal<const Kind extends string, Meaning extends TSchema>(
  declaration: SignalDeclaration<Kind, Meaning>,
): SignalDeclaration<Kind, Meaning> {
  return declaration
}

/** The value a declared signal is read into: its kind beside its meaning. */
export type SignalOf<Declaration> =
  Declaration extends SignalDeclaration<infer Kind, infer Meaning>
    ? { readonly kind: Kind } & Static<Meaning>
    : never
