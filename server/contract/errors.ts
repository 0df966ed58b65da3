/**
 * Every error a client can meet: its HTTP status and whether the same call may succeed later. The codes are stable; the sentence
 * beside an error is for people and may change.
 */
export const errorCodes = {
  /** The input does not fit its schema; `issues` names the fields. */
  INVALID_INPUT: { status: 400, retryable: false },
  /** No valid API key, token or session came with the call. */
  UNAUTHENTICATED: { status: 401, retryable: false },
  /** The caller is known, but this procedure is not for it. */
  FORBIDDEN: { status: 403, retryable: false },
  /** The challenge is unknown, used or expired, or its signature is not that wallet's. Ask for a new one. */
  SIGN_IN_FAILED: { status: 401, retryable: false },
  /** The page is not one of the app's, or the browser did not say which page it is. */
  ORIGIN_NOT_ALLOWED: { status: 403, retryable: false },
  /** Nobody decides on what they asked for themselves. */
  NEEDS_ANOTHER_PERSON: { status: 403, retryable: false },
  /** A compliance rule refused; `details.checks` says which, and what would satisfy it. */
  REFUSED_BY_COMPLIANCE: { status: 403, retryable: false },
  /** The app's terms for buying do not allow it; `details.checks` says which rule, and what would satisfy it. */
  PURCHASE_REFUSED: { status: 403, retryable: false },
  /** The wallet holds less than the price; `details` has both, in base units. */
  INSUFFICIENT_BALANCE: { status: 402, retryable: true },
  /** No such object, or not one of yours. */
  NOT_FOUND: { status: 404, retryable: false },
  /** No procedure of this name, or not with this HTTP method. */
  NO_SUCH_PROCEDURE: { status: 404, retryable: false },
  /** The paywall is archived or past its expiry. */
  PAYWALL_CLOSED: { status: 409, retryable: false },
  /** The payment was already handed to the provider, so that it can no longer be cancelled. */
  NOT_CANCELLABLE: { status: 409, retryable: false },
  /** The payment is not signed by its payer, or not yet, or not any more; `details.state` says how it stands. */
  NOT_SIGNABLE: { status: 409, retryable: false },
  /** Another chain transaction than the one that is told has settled the payment; `details` has it. */
  ALREADY_PAID: { status: 409, retryable: false },
  /** The review was decided before, or is too old, or its payment was taken back. */
  REVIEW_CLOSED: { status: 409, retryable: false },
  /** The report has no files: it is not made yet, could not be made, or they were deleted when their time was over. */
  REPORT_NOT_READY: { status: 409, retryable: true },
  /** The approval was decided before, or is too old. */
  APPROVAL_CLOSED: { status: 409, retryable: false },
  /** Whoever asked for it may no longer ask for it, so that it cannot be approved. */
  REQUEST_VOID: { status: 409, retryable: false },
  /** What is asked for is so already. */
  NOTHING_TO_CHANGE: { status: 409, retryable: false },
  /** An app keeps at least one operator. */
  LAST_OPERATOR: { status: 409, retryable: false },
  /** The key is revoked or past its expiry, so that nothing can take its place. */
  API_KEY_ENDED: { status: 409, retryable: false },
  /** The endpoint was deleted, and nothing is sent to it any more. */
  ENDPOINT_DELETED: { status: 409, retryable: false },
  /** An app has at most 20 endpoints. */
  TOO_MANY_ENDPOINTS: { status: 409, retryable: false },
  /** There is a list of this name, of another kind. */
  LIST_EXISTS: { status: 409, retryable: false },
  /** The app has registered this token before; `details` has its id. */
  ALREADY_REGISTERED: { status: 409, retryable: false },
  /** The list has an entry for this subject whose period goes beyond the new one's; `details` has it. */
  ALREADY_LISTED: { status: 409, retryable: false },
  /** The import is not staged: it was published, discarded or expired before. */
  IMPORT_CLOSED: { status: 409, retryable: false },
  /** The list has changed since the import was compared with it. Import it again. */
  IMPORT_OUTDATED: { status: 409, retryable: false },
  /** The wallet is another user's, or cannot become anybody's. */
  WALLET_TAKEN: { status: 409, retryable: false },
  /** The same purchase is being made. Repeat with the same idempotency key for what becomes of it. */
  PURCHASE_UNDER_WAY: { status: 409, retryable: true },
  /** Two changes met at one object; read it again and decide. */
  CONFLICT: { status: 409, retryable: true },
  /** The body is larger than the limit. */
  TOO_LARGE: { status: 413, retryable: false },
  /** Calls are JSON. */
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false },
  /** The idempotency key was used before with another body. Use a new key for a new intention. */
  IDEMPOTENCY_MISMATCH: { status: 422, retryable: false },
  /** This wallet cannot act on this chain, or the chain is not configured. */
  CHAIN_NOT_SUPPORTED: { status: 422, retryable: false },
  /** There is no such token contract at this address. */
  NOT_A_TOKEN: { status: 422, retryable: false },
  /** The token's contract has nothing for this operation, or nobody here acts for its issuer. */
  OPERATION_NOT_SUPPORTED_BY_TOKEN: { status: 422, retryable: false },
  /** The wallet provider refused; `details.reason` is its word. */
  PROVIDER_REFUSED: { status: 422, retryable: false },
  /** Too many calls; wait `details.retryAfterSeconds`. */
  RATE_LIMITED: { status: 429, retryable: true },
  /** A defect of ours; quote the `requestId`. */
  INTERNAL: { status: 500, retryable: true },
  /** The wallet provider does not answer. Repeat with the same idempotency key. */
  PROVIDER_UNAVAILABLE: { status: 503, retryable: true },
  /** The chain does not answer. Repeat with the same idempotency key. */
  CHAIN_UNAVAILABLE: { status: 503, retryable: true },
  /** The database does not answer. Repeat with the same idempotency key. */
  DATABASE_UNAVAILABLE: { status: 503, retryable: true },
} as const satisfies Record<string, { status: number; retryable: boolean }>

export type ErrorCode = keyof typeof errorCodes

/** One field of the input and what is wrong with it. */
export type Issue = { path: string[]; message: string }

/** What a failed call tells its client. */
export type ErrorShape = {
  message: string
  /** The JSON-RPC number of the error class. */
  code: number
  data: {
    code: ErrorCode
    httpStatus: number
    retryable: boolean
    requestId: string
    path: string | null
    issues: Issue[] | null
    details: Record<string, unknown> | null
  }
}
