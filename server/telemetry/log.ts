import { type Logger, pino } from 'pino'

export type Log = Logger

/** A logger that writes JSON lines and never a secret. */
export const createLog = (level: string): Log =>
  pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        'authorization',
        'cookie',
        '*.authorization',
        '*.cookie',
        '*.secret',
        '*.apiKey',
        '*.signature',
        '*.password',
      ],
      censor: '[redacted]',
    },
  })
