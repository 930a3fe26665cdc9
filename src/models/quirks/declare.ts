import type { TProperties } from 'typebox'

/** One kind of departure from the standard: its parameters, and the words for it. */
export interface QuirkDeclaration<Fields extends TProperties = TProperties> {
  /** What the charger does, as the end of a sentence that begins with "It". */
  readonly does: string
  /** What we do about it, and where. */
  readonly weDo: string
  /** The parameters of the kind, units in their names. */
  readonly fields: Fields
}

/** Declares a kind; exists so that its fields are checked where they are written. */
export function declare<Fields extends TProperties>(
  declaration: QuirkDeclaration<Fields>,
): QuirkDeclaration<Fields> {
  return declaration
}
