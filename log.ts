import { type DestinationStream, type Logger, pino, stdSerializers, stdTimeFunctions } from 'pino'

/** One JSON line per event, handed in to every part. Never holds a password, a name or a number of a person. */
export type Log = Logger

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      serializers: { err: withoutValues },
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  )
}

/** PostgreSQL puts what it stumbled over beside its errors: the record of a person as likely as not. */
function withoutValues(error: Error): object {
  const { detail: _detail, where: _where, ...rest } = stdSerializers.err(error) as Record<string, unknown>
  return rest
}
