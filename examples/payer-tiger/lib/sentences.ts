import { errorOf } from '@provider-service/client'

/** A sentence for whoever reads the page: what went wrong, and what can be done. */
export function sentenceFor(error: unknown): string {
  const rejected = error instanceof Error && /user rejected|rejected the request|denied/i.test(error.message)
  if (rejected) return 'You said no in your wallet. Nothing has happened.'
  const { code, message } = errorOf(error)
  return code === 'UNREACHABLE' ? 'Our till does not answer right now. Try again in a moment.' : message
}
