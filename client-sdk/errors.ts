import { TRPCClientError } from '@trpc/client'
import type { Payment } from '../server/contract/entities.ts'
import type { ErrorCode, ErrorShape, Issue } from '../server/contract/errors.ts'
import type { AppRouter } from '../server/router.ts'

/** What went wrong with a call, with a stable code. */
export interface ProviderServiceErrorDetails {
  code:
    | ErrorCode
    | 'UNREACHABLE'
    | 'PAYMENT_NOT_SETTLED'
    | 'WEBHOOK_REFUSED'
    | 'WALLET_REJECTED'
    | 'WRONG_CHAIN'
    | 'WALLET_FAILED'
  /** Whether the same call, with the same idempotency key, may succeed later. */
  retryable: boolean
  /** HTTP status; null when no answer came. */
  status: number | null
  /** Quote it to whoever runs the service. */
  requestId: string | null
  /** The fields of the input that do not fit. */
  issues: Issue[]
  details: Record<string, unknown>
}

/** The one error of this package: a refused call, an unreachable service, a payment that did not settle, or a webhook that is not believed. */
export class ProviderServiceError extends Error {
  override readonly name = 'ProviderServiceError'
  readonly code: ProviderServiceErrorDetails['code']
  readonly retryable: boolean
  readonly status: number | null
  readonly requestId: string | null
  readonly issues: Issue[]
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
    this.status = about.status
    this.requestId = about.requestId
    this.issues = about.issues
    this.details = about.details
    this.payment = payment
  }
}

/** Whatever a call threw, as a `ProviderServiceError`: use it in a `catch` around any procedure. */
export function errorOf(error: unknown): ProviderServiceError {
  if (error instanceof ProviderServiceError) return error
  if (error instanceof TRPCClientError) {
    const { data } = error as TRPCClientError<AppRouter>
    if (isShape(data))
      return new ProviderServiceError(
        error.message,
        {
          code: data.code,
          retryable: data.retryable,
          status: data.httpStatus,
          requestId: data.requestId,
          issues: data.issues ?? [],
          details: data.details ?? {},
        },
        { cause: error },
      )
  }
  const message = error instanceof Error ? error.message : String(error)
  return new ProviderServiceError(
    `The service could not be reached or did not answer sensibly: ${message}`,
    { code: 'UNREACHABLE', retryable: true, status: null, requestId: null, issues: [], details: {} },
    { cause: error },
  )
}

const isShape = (data: unknown): data is ErrorShape['data'] =>
  typeof data === 'object' && data !== null && 'code' in data && 'retryable' in data
