import { ask, startProcess } from '../processes.ts'
import type { Round, RoundResult } from './load-process.ts'

/** Plays a round of load, one at a time, from a process of its own. */
export type Load = (round: Round) => Promise<RoundResult>

export function startLoad(stack: AsyncDisposableStack): Load {
  const child = startProcess(new URL('./load-process.ts', import.meta.url), stack)
  return (round) => ask<RoundResult>(child, round)
}

/** A call as the SDK sends it: POST with a body for a mutation, the input in the URL for a query. */
export const mutation = (procedure: string) => `/trpc/${procedure}?batch=1`

export const query = (procedure: string, input: object) =>
  `/trpc/${procedure}?batch=1&input=${encodeURIComponent(bodyOf(input))}`

/** An input of plain JSON values, as the body of a call. */
export const bodyOf = (input: object): string => JSON.stringify({ 0: { json: input } })

/** What such a call was answered with; the moments in it are texts. */
export const dataOf = <Data>(answer: string): Data => JSON.parse(answer)[0].result.data.json
