import { ProviderError, type ProviderOutcome } from '../wallet-provider.ts'
import { NotSent } from './http.ts'
import { type Failure, failure, type TransactionFailure } from './schemas.ts'

/** Whether a request may have changed something when its answer is lost. */
export type Effect = 'read' | 'write'

/** Answers that mean Crossmint read the request and will not do it. */
const refusals: Readonly<Record<number, string>> = {
  400: 'bad_request',
  404: 'not_found',
  409: 'conflict',
  410: 'gone',
  413: 'too_large',
  422: 'unprocessable',
}

/** Answers that say something about us, not about the request: no payment fails because a key or a bill expired. */
const ours: Readonly<Record<number, string>> = {
  401: 'credentials_refused',
  402: 'billing',
  403: 'credentials_refused',
  451: 'blocked',
}

/** What a lost answer allows us to conclude. */
export function lostOutcome(effect: Effect): ProviderOutcome {
  return effect === 'write' ? 'unknown' : 'unavailable'
}

/**
 * The error for an answer outside 2xx. `text` is its body. Only a body of Crossmint's own shape is believed to be a
 * refusal: the same status from a balancer in between says nothing about the request.
 */
export function errorOfAnswer(effect: Effect, status: number, text: string, retryAfter: number | null): ProviderError {
  if (status === 429) {
    return new ProviderError('unavailable', 'rate_limited', 'Crossmint asks us to slow down', { retryAfter })
  }
  const body = readFailure(text)
  const said = body && messageOf(body)
  const misconfigured = ours[status]
  if (misconfigured) {
    return new ProviderError('unavailable', misconfigured, said || `Crossmint answered ${status}`, { retryAfter })
  }
  const refusal = refusals[status]
  if (refusal && body && said) return new ProviderError('refused', reasonOf(body) ?? refusal, said)
  return new ProviderError(lostOutcome(effect), `http_${status}`, said || `Crossmint answered ${status}`, {
    retryAfter,
  })
}

/** The error for a request that got no answer: no connection, a broken one, timeout. */
export function errorOfLostAnswer(effect: Effect, cause: unknown): ProviderError {
  if (cause instanceof NotSent) {
    return new ProviderError('unavailable', 'not_reachable', `Crossmint cannot be reached: ${whyOf(cause.cause)}`, {
      cause,
    })
  }
  const timedOut = cause instanceof Error && cause.name === 'TimeoutError'
  const reason = timedOut ? 'timeout' : 'connection_lost'
  return new ProviderError(lostOutcome(effect), reason, `Crossmint's answer was lost: ${whyOf(cause)}`, { cause })
}

/** Why a transaction failed, as the port tells it: the revert's own words where there are any. */
export function failureOf(error: TransactionFailure): { reason: string; message: string } {
  return { reason: error.reason, message: clean(error.revert?.reason || error.message) }
}

function readFailure(text: string): Failure | null {
  try {
    const parsed = failure.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

function reasonOf(body: Failure): string | null {
  if (body.error && typeof body.error === 'object') return body.error.reason
  return body.code || null
}

function messageOf(body: Failure): string | null {
  if (body.error && typeof body.error === 'object') return failureOf(body.error).message
  const said = [body.message].flat().filter(Boolean).join('; ')
  return said ? clean(said) : null
}

/** Short enough for a log, and without an API key that the other side repeats to us. */
function clean(text: string): string {
  const redacted = text.replace(/\b[sc]k_[A-Za-z]+_[A-Za-z0-9]+/g, '[API key]')
  return redacted.length > 500 ? `${redacted.slice(0, 500)}…` : redacted
}

/** A host of several addresses makes an AggregateError without words, of the errors of each. */
function whyOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error
  return first instanceof Error ? first.message : 'no reason'
}
