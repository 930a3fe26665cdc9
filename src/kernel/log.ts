import pino from 'pino'

export type Log = pino.Logger

/** Fields that carry secrets wherever they appear; a log line shows `[redacted]` in their place. */
const secretFields = [
  'authorization',
  'password',
  'credential',
  'token',
  'secret',
  'AuthorizationKey',
  'databaseUrl',
]

export function openLog(options: {
  level: string
  name: string
  destination?: pino.DestinationStream
}): Log {
  const settings: pino.LoggerOptions = {
    name: options.name,
    level: options.level,
    base: { name: options.name },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[redacted]',
    },
  }
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination)
}

/** A log that keeps nothing, for tests that do not look at it. */
export const silentLog: Log = pino({ level: 'silent' })
