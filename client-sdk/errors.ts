import { TRPCClientError } from '@trpc/client'
import type { Payment, Refusal } from '../server/contract/entities.ts'
import type { ErrorCode, ErrorShape, Issue } from '../server/contract/errors.ts'
import type { InJson } from '../server/contract/events.ts'

/** What can go wrong on this side, beside what the service answers. */
export type ClientErrorCode =
  /** No answer came, or one that is not the service's. What was asked for may have happened. */
  | 'UNREACHABLE'
  /** The payment ended otherwise than settled, or needs an operator: see `payment` and `details`. */
  | 'PAYMENT_NOT_SETTLED'
  /** The webhook is not believed; `details.reason` is a `WebhookRefusal`. */
  | 'WEBHOOK_REFUSED'
  /** The person said no in their wallet. The same key tries the same payment again. */
  | 'WALLET_REJECTED'
  /** The wallet is on another chain and would not change. As before. */
  | 'WRONG_CHAIN'
  /** The wallet failed, or is not the payment's; its error is the `cause`. */
  | 'WALLET_FAILED'

/** Every code of this package's errors: a `switch` over it can end in `never`. */
export type ProviderErrorCode = ErrorCode | ClientErrorCode

/** What comes with errors of these codes. Amounts are base units, in decimal. */
export interface ErrorDetails {
  REFUSED_BY_COMPLIANCE: InJson<Refusal>
  INSUFFICIENT_BALANCE: { balance: string; price: string; assetId: string; wallet: string }
  RATE_LIMITED: { retryAfterSeconds: number }
  PAYMENT_NOT_SETTLED: { paymentId: string; state: Payment['state']; reason: string }
}

/** An error of one of these codes. */
export type ProviderErrorOf<Code extends ProviderErrorCode> = ProviderServiceError & {
  readonly code: Code
  readonly details: Code extends keyof ErrorDetails ? ErrorDetails[Code] : unknown
  readonly payment: Code extends 'PAYMENT_NOT_SETTLED' ? Payment : unknown
}

/** See `ProviderServiceError`. */
export interface ProviderServiceErrorDetails {
  code: ProviderErrorCode
  retryable: boolean
  status?: number | null
  requestId?: string | null
  issues?: Issue[] | null
  details?: Record<string, unknown> | null
}

/**
 * The one error of this package, whatever its code. Its `message` is a sentence for people.
 */
export class ProviderServiceError extends Error {
  override readonly name = 'ProviderServiceError'
  readonly code: ProviderErrorCode
  /** Whether the same call, with the same idempotency key, may succeed later. */
  readonly retryable: boolean
  /** HTTP status; null when no answer came. */
  readonly status: number | null
  /** Quote it to whoever runs the service; null when it did not answer. */
  readonly requestId: string | null
  /** The fields of the input that do not fit. */
  readonly issues: Issue[]
  /** By code: see `ErrorDetails`. */
  readonly details: Record<string, unknown>
  /** The payment as it ended, for `PAYMENT_NOT_SETTLED`. */
  readonly payment: Payment | null

  constructor(
    message: string,
    about: ProviderServiceErrorDetails,
    { cause, payment = null }: { cause?: unknown; payment?: Payment | null } = {},
  ) {
    super(message, { cause })
    this.code = about.code
    this.retryable = about.retryable
    this.status = about.status ?? null
    this.requestId = about.requestId ?? null
    this.issues = about.issues ?? []
    this.details = about.details ?? {}
    this.payment = payment
  }
}

/**
 * Whether something thrown is an error of this package and, if you name codes, has one of them, with its `details`.
 *
 * @example
 * try {
 *   await pay(client, { paywallId, walletId })
 * } catch (error) {
 *   if (isProviderError(error, 'REFUSED_BY_COMPLIANCE')) return error.details.checks.map(({ remedy }) => remedy)
 *   if (isProviderError(error) && error.retryable) return 'Try again later.'
 *   throw error
 * }
 */
export function isProviderError(error: unknown): error is ProviderServiceError
export function isProviderError<Code extends ProviderErrorCode>(
  error: unknown,
  ...codes: Code[]
): error is ProviderErrorOf<Code>
export function isProviderError(error: unknown, ...codes: ProviderErrorCode[]): boolean {
  // by name: a page may hold two copies of this package
  if (!(error instanceof Error && error.name === 'ProviderServiceError' && 'code' in error)) return false
  return codes.length === 0 || codes.includes(error.code as ProviderErrorCode)
}

/**
 * Whatever was thrown, as a `ProviderServiceError`. Calls of a client throw nothing else, but for the reason of a signal.
 *
 * @example
 * const { code, requestId } = errorOf(new TypeError('fetch failed')) // 'UNREACHABLE', null
 */
export function errorOf(error: unknown): ProviderServiceError {
  if (isProviderError(error)) return error
  if (error instanceof TRPCClientError) {
    if (isShape(error.data)) return refusedCall(error, error.data)
    if (isProviderError(error.cause)) return error.cause
  }
  return unreachable(reasonOf(error), {}, error)
}

/** For an answer that the service did not give: of a proxy on the way, or a wrong address. */
export function strangeAnswer({ status, headers }: Response): ProviderServiceError {
  const seconds = headers.get('retry-after')
  return unreachable(`the answer was ${status} with ${headers.get('content-type') ?? 'no content'}`, {
    status,
    details: seconds !== null && /^\d+$/.test(seconds) ? { retryAfterSeconds: Number(seconds) } : {},
  })
}

/** What whatever was thrown says. */
const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const refusedCall = (cause: Error, data: ErrorShape['data']) =>
  new ProviderServiceError(cause.message, { ...data, status: data.httpStatus }, { cause })

const unreachable = (reason: string, about: Partial<ProviderServiceErrorDetails>, cause?: unknown) =>
  new ProviderServiceError(
    `The service could not be reached or did not answer sensibly: ${reason}`,
    { code: 'UNREACHABLE', retryable: true, ...about },
    { cause },
  )

const isShape = (data: unknown): data is ErrorShape['data'] =>
  typeof data === 'object' && data !== null && 'code' in data && 'retryable' in data
