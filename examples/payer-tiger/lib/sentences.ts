import { isProviderError } from '@provider-service/client'
import { explain } from '@provider-service/client/react'

/** What went wrong, and what can be done: for whoever reads the page. */
export function sentenceFor(error: unknown): string {
  if (saidNo(error)) return 'You said no in your wallet. Nothing has happened.'
  const { sentence, advice } = explain(error)
  return advice ? `${sentence} ${advice}` : sentence
}

/** Whether a wallet was asked something, and its owner refused. */
const saidNo = (error: unknown): boolean =>
  !isProviderError(error) &&
  error instanceof Error &&
  (error.name === 'UserRejectedRequestError' || codeOf(error) === 4001)

const codeOf = (error: object): unknown => ('code' in error ? error.code : undefined)
