import { TRPCError } from '@trpc/server'
import { ZodError } from 'zod'
import { AmbiguousCommit, codeOf, DatabaseBusy, DatabaseUnavailable, isConnectionError } from '../db/retry.ts'
import type { ErrorCode } from './contract/errors.ts'
import { DomainError } from './domain/domain-error.ts'
import { ChainUnavailable } from './gateways/chain/chain.ts'
import { ProviderError } from './gateways/wallet-provider.ts'

/** The one place where whatever went wrong becomes what a client is told. What is not known here is ours, and told as nothing. */
export function asDomainError(error: unknown): DomainError {
  const cause = error instanceof TRPCError ? (error.cause ?? error) : error
  if (cause instanceof DomainError) return cause
  if (cause instanceof ChainUnavailable)
    return new DomainError(
      'CHAIN_UNAVAILABLE',
      'The chain does not answer right now. Repeat the call with the same idempotency key.',
    )
  if (
    cause instanceof AmbiguousCommit ||
    cause instanceof DatabaseBusy ||
    cause instanceof DatabaseUnavailable ||
    isConnectionError(cause) ||
    tooSlow.has(codeOf(cause))
  )
    return new DomainError(
      'DATABASE_UNAVAILABLE',
      'The database does not answer right now. Repeat the call with the same idempotency key.',
    )
  if (cause instanceof ProviderError)
    return cause.outcome === 'refused'
      ? new DomainError('PROVIDER_REFUSED', `The wallet provider refused: ${cause.message}`, { reason: cause.reason })
      : new DomainError('PROVIDER_UNAVAILABLE', 'The wallet provider does not answer right now. Repeat the same call.')
  if (error instanceof TRPCError) return fromTrpc(error)
  return internal()
}

/** SQLSTATEs of a statement that the database ended because it waited for a lock, or ran, too long. */
const tooSlow: ReadonlySet<string> = new Set(['55P03', '57014'])

function fromTrpc(error: TRPCError): DomainError {
  switch (error.code) {
    case 'BAD_REQUEST':
    case 'PARSE_ERROR':
      return error.cause instanceof ZodError
        ? new DomainError('INVALID_INPUT', 'The input does not fit this procedure: see "issues" for the fields.')
        : new DomainError(
            'INVALID_INPUT',
            'The request could not be read. Send superjson as JSON, in batches of at most 20 queries or 20 mutations; the SDK does.',
          )
    case 'NOT_FOUND':
    case 'METHOD_NOT_SUPPORTED':
      return new DomainError(
        'NO_SUCH_PROCEDURE',
        'There is no such procedure, or not with this HTTP method: queries are GET, mutations POST.',
      )
    case 'PAYLOAD_TOO_LARGE':
      return new DomainError('TOO_LARGE', 'The body or the batch is larger than the limit. Send less at once.')
    case 'UNSUPPORTED_MEDIA_TYPE':
      return new DomainError('UNSUPPORTED_MEDIA_TYPE', 'Send the input as application/json.')
    case 'CLIENT_CLOSED_REQUEST':
      return new DomainError('INVALID_INPUT', 'The call ended before its input had arrived.')
    default:
      return internal()
  }
}

const internal = () =>
  new DomainError('INTERNAL', 'Something went wrong on our side. Quote the requestId to whoever runs this service.')

/** The tRPC code with each error's HTTP status. */
export const trpcCodeOf = {
  INVALID_INPUT: 'BAD_REQUEST',
  UNAUTHENTICATED: 'UNAUTHORIZED',
  FORBIDDEN: 'FORBIDDEN',
  SIGN_IN_FAILED: 'UNAUTHORIZED',
  ORIGIN_NOT_ALLOWED: 'FORBIDDEN',
  NEEDS_ANOTHER_PERSON: 'FORBIDDEN',
  REFUSED_BY_COMPLIANCE: 'FORBIDDEN',
  PURCHASE_REFUSED: 'FORBIDDEN',
  INSUFFICIENT_BALANCE: 'PAYMENT_REQUIRED',
  NOT_FOUND: 'NOT_FOUND',
  NO_SUCH_PROCEDURE: 'NOT_FOUND',
  PAYWALL_CLOSED: 'CONFLICT',
  NOT_CANCELLABLE: 'CONFLICT',
  NOT_SIGNABLE: 'CONFLICT',
  ALREADY_PAID: 'CONFLICT',
  REVIEW_CLOSED: 'CONFLICT',
  REPORT_NOT_READY: 'CONFLICT',
  APPROVAL_CLOSED: 'CONFLICT',
  REQUEST_VOID: 'CONFLICT',
  NOTHING_TO_CHANGE: 'CONFLICT',
  LAST_OPERATOR: 'CONFLICT',
  API_KEY_ENDED: 'CONFLICT',
  ENDPOINT_DELETED: 'CONFLICT',
  TOO_MANY_ENDPOINTS: 'CONFLICT',
  LIST_EXISTS: 'CONFLICT',
  ALREADY_REGISTERED: 'CONFLICT',
  ALREADY_LISTED: 'CONFLICT',
  IMPORT_CLOSED: 'CONFLICT',
  IMPORT_OUTDATED: 'CONFLICT',
  WALLET_TAKEN: 'CONFLICT',
  PURCHASE_UNDER_WAY: 'CONFLICT',
  CONFLICT: 'CONFLICT',
  TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  UNSUPPORTED_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  IDEMPOTENCY_MISMATCH: 'UNPROCESSABLE_CONTENT',
  CHAIN_NOT_SUPPORTED: 'UNPROCESSABLE_CONTENT',
  NOT_A_TOKEN: 'UNPROCESSABLE_CONTENT',
  OPERATION_NOT_SUPPORTED_BY_TOKEN: 'UNPROCESSABLE_CONTENT',
  PROVIDER_REFUSED: 'UNPROCESSABLE_CONTENT',
  RATE_LIMITED: 'TOO_MANY_REQUESTS',
  INTERNAL: 'INTERNAL_SERVER_ERROR',
  PROVIDER_UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  CHAIN_UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  DATABASE_UNAVAILABLE: 'SERVICE_UNAVAILABLE',
} as const satisfies Record<ErrorCode, TRPCError['code']>
