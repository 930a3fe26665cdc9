import type { Static, TObject, TProperties } from 'typebox'
import { chargingQuirks } from './quirks/charging.ts'
import { connectionQuirks } from './quirks/connection.ts'
import { fileQuirks } from './quirks/files.ts'
import { messageQuirks } from './quirks/messages.ts'
import { sessionQuirks } from './quirks/sessions.ts'
import { settingsQuirks } from './quirks/settings.ts'

/** Every kind of quirk there is: what such a charger does and what we do about it. */
export const quirkCatalogue = {
  ...connectionQuirks,
  ...messageQuirks,
  ...settingsQuirks,
  ...chargingQuirks,
  ...sessionQuirks,
  ...fileQuirks,
}

export type QuirkKind = keyof typeof quirkCatalogue

export const quirkKinds = Object.keys(quirkCatalogue) as readonly QuirkKind[]

type Frozen<Value> = Value extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value]: Frozen<Value[Name]> }
    : Value

type FieldsOf<Kind extends QuirkKind> = (typeof quirkCatalogue)[Kind]['fields'] extends infer Fields
  ? Fields extends TProperties
    ? Frozen<Static<TObject<Fields>>>
    : never
  : never

/** One departure from the standard, of one kind, with its parameters. */
export type QuirkOf<Kind extends QuirkKind> = { readonly quirk: Kind } & FieldsOf<Kind>

export type Quirk = { [Kind in QuirkKind]: QuirkOf<Kind> }[QuirkKind]
