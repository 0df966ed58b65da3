import { numberOf } from '../table.ts'
import type { Load } from './load.ts'
import type { Round, RoundResult } from './load-process.ts'
import type { Usage } from './usage.ts'

/** At the same time, from the load generator. */
export const CONNECTIONS = 32

/** What is called in a round, and what its process uses meanwhile. */
export interface Contestant {
  round: Omit<Round, 'seconds' | 'connections'>
  usage(): Promise<Usage>
}

export interface Measured extends RoundResult {
  /** Processor milliseconds of the process for each accepted call. */
  cpuPerCall: number
  /** Bytes in use after the round. */
  memory: number
  /** Transactions run again, for 100 accepted calls. */
  retries: number
}

/** What of a round is a number. */
export type Quantity = Exclude<keyof Measured, 'answers' | 'anError'>

/** Plays a round of so many seconds; null: of each of its calls once. */
export async function measure(load: Load, { round, usage }: Contestant, seconds: number | null): Promise<Measured> {
  const before = await usage()
  const result = await load({ ...round, connections: CONNECTIONS, seconds })
  const after = await usage()
  return {
    ...result,
    cpuPerCall: ((after.cpu - before.cpu) * 1000) / result.accepted,
    memory: after.memory,
    retries: ((after.retries - before.retries) * 100) / result.accepted,
  }
}

/** A round in a line. */
export const lineOf = ({ rate, p50, p99 }: RoundResult): string =>
  `${numberOf(rate).padStart(6)} /s  p50 ${numberOf(p50).padStart(5)} ms  p99 ${numberOf(p99).padStart(5)} ms`

/** Counts the errors of rounds, and tells one of them. */
export function errorsIn(rounds: readonly RoundResult[], say: (line: string) => void): number {
  const errors = rounds.reduce((sum, round) => sum + round.errors, 0)
  if (errors > 0) say(`\nOne of ${errors} errors: ${rounds.find(({ anError }) => anError)?.anError}`)
  return errors
}
