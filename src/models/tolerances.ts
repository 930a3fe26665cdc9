/** What chargers of many makes do, and what is taken from every charger for that reason. */
export interface Tolerance {
  /** What such chargers do. */
  readonly does: string
  readonly weDo: string
  readonly where: string
}

export const tolerances: readonly Tolerance[] = [
  {
    does: 'write `Power`, `W`, `Current` or `A` for the unit of a limit',
    weDo: 'the words are taken as one of the two units',
    where: 'ocpp/leniency.ts, models/limits.ts',
  },
  {
    does: 'write configuration keys in lower case',
    weDo: 'keys are compared without regard to case',
    where: 'operations/settings-key.ts',
  },
  {
    does: 'put spaces into lists, and pad numbers with zeros',
    weDo: 'values are compared part by part',
    where: 'operations/settings-key.ts',
  },
  {
    does: 'say 1970 until they have been told the time',
    weDo: 'such a time says when nothing happened: the time of receipt stands in',
    where: 'signals/timestamp.ts',
  },
  {
    does: 'write offsets such as `+02`, which RFC 3339 does not know',
    weDo: 'they are read where only one moment can be meant',
    where: 'ocpp/time.ts',
  },
  {
    does: 'say `heartbeatInterval` in place of `interval`',
    weDo: 'the one is taken for the other',
    where: 'ocpp/leniency.ts',
  },
  {
    does: 'begin their message ids anew on every connection, or use one id for all',
    weDo: 'a message is known again by its content on one connection only',
    where: 'gateway/answer-memory.ts',
  },
  {
    does: 'send fields longer than allowed, words nobody knows, and lists without elements',
    weDo: 'what is clear is kept and the rest recorded; no message is lost for it',
    where: 'ocpp/mend.ts',
  },
]
