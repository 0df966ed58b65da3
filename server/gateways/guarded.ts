import { AttestationsUnavailable, type UnavailableReason } from './attestations.ts'

const reasons: ReadonlySet<unknown> = new Set<UnavailableReason>([
  'aborted',
  'timeout',
  'unreachable',
  'failing',
  'unreadable',
  'wrong_chain',
  'too_many',
])

/**
 * Asks a provider, and tells what goes wrong as the port does: by the reason that the error has, where it is one of the port's.
 *
 * @throws AttestationsUnavailable
 */
export async function guarded<Answer>(
  provider: string,
  signal: AbortSignal,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  try {
    signal.throwIfAborted()
    return await ask()
  } catch (error) {
    throw unavailable(provider, signal, error)
  }
}

function unavailable(provider: string, signal: AbortSignal, error: unknown): AttestationsUnavailable {
  if (error instanceof AttestationsUnavailable) return error
  if (signal.aborted) {
    const reason =
      signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError' ? 'timeout' : 'aborted'
    return new AttestationsUnavailable(provider, reason, `${provider} did not answer in the time it was given`)
  }
  const own = error instanceof Error && 'reason' in error ? error.reason : 'unreadable'
  const reason = reasons.has(own) ? (own as UnavailableReason) : 'failing'
  const said = error instanceof Error ? error.message : 'no reason'
  return new AttestationsUnavailable(provider, reason, `${provider} cannot be asked: ${said}`, { cause: error })
}
