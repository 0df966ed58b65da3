import { errorOf, type ProviderServiceError } from './errors.ts'
import { pause, untilAborted } from './pause.ts'

const FIRST_WAIT = 200
const LONGEST_WAIT = 5_000
/** Milliseconds that the service may ask to wait for; what it asks more for is not waited for. */
const LONGEST_ASKED = 10_000

/** What somebody must do something about first: time alone does not mend it. */
const needsMore: ProviderServiceError['code'][] = ['INSUFFICIENT_BALANCE', 'REPORT_NOT_READY']

/**
 * Calls until it succeeds, fails for good, or has been tried so often, with longer and longer pauses between.
 *
 * @throws ProviderServiceError of the last try; the reason of `signal`
 */
export async function repeat<T>(call: () => Promise<T>, tries: number, signal: AbortSignal | undefined): Promise<T> {
  for (let tried = 1, wait = FIRST_WAIT; ; tried++, wait = Math.min(LONGEST_WAIT, wait * 2)) {
    try {
      // one in a batch goes on until all in it are aborted
      return await untilAborted(call, signal)
    } catch (cause) {
      signal?.throwIfAborted()
      const error = errorOf(cause)
      const asked = Number(error.details.retryAfterSeconds ?? 0) * 1000
      if (!error.retryable || needsMore.includes(error.code) || tried >= tries || asked > LONGEST_ASKED) throw error
      // those who were refused together had better not come back together
      await pause(asked + wait * (0.5 + Math.random() / 2), signal)
    }
  }
}
