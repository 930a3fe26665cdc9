/**
 * Which rows may be seen, by the charger they are about: SQL over a column of charger identities, made by
 * the room that knows where chargers belong, for rooms that keep something of chargers. The parameters it
 * needs are added to `values`. Where it is absent, all rows may be seen.
 */
export type Within = (column: string, values: unknown[]) => string
