/**
 * Every error a client can meet: its HTTP status and whether the same call may succeed later. The codes are stable; the sentence
 * beside an error is for people and may change.
 */
export declare const errorCodes: {
    /** The input does not fit its schema; `issues` names the fields. */
    readonly INVALID_INPUT: {
        readonly status: 400;
        readonly retryable: false;
    };
    /** No valid API key came with the call. */
    readonly UNAUTHENTICATED: {
        readonly status: 401;
        readonly retryable: false;
    };
    /** The caller is known, but this procedure is not for it. */
    readonly FORBIDDEN: {
        readonly status: 403;
        readonly retryable: false;
    };
    /** A compliance rule refused; `details.checks` says which, and what would satisfy it. */
    readonly REFUSED_BY_COMPLIANCE: {
        readonly status: 403;
        readonly retryable: false;
    };
    /** The wallet holds less than the price; `details` has both, in base units. */
    readonly INSUFFICIENT_BALANCE: {
        readonly status: 402;
        readonly retryable: true;
    };
    /** No such object, or not one of yours. */
    readonly NOT_FOUND: {
        readonly status: 404;
        readonly retryable: false;
    };
    /** No procedure of this name, or not with this HTTP method. */
    readonly NO_SUCH_PROCEDURE: {
        readonly status: 404;
        readonly retryable: false;
    };
    /** The paywall is archived or past its expiry. */
    readonly PAYWALL_CLOSED: {
        readonly status: 409;
        readonly retryable: false;
    };
    /** The payment was already handed to the provider, so that it can no longer be cancelled. */
    readonly NOT_CANCELLABLE: {
        readonly status: 409;
        readonly retryable: false;
    };
    /** It exists already; `details.id` is the one that does. */
    readonly ALREADY_EXISTS: {
        readonly status: 409;
        readonly retryable: false;
    };
    /** Two changes met at one object; read it again and decide. */
    readonly CONFLICT: {
        readonly status: 409;
        readonly retryable: true;
    };
    /** The body is larger than the limit. */
    readonly TOO_LARGE: {
        readonly status: 413;
        readonly retryable: false;
    };
    /** Calls are JSON. */
    readonly UNSUPPORTED_MEDIA_TYPE: {
        readonly status: 415;
        readonly retryable: false;
    };
    /** The idempotency key was used before with another body. Use a new key for a new intention. */
    readonly IDEMPOTENCY_MISMATCH: {
        readonly status: 422;
        readonly retryable: false;
    };
    /** This wallet cannot act on this chain, or the chain is not configured. */
    readonly CHAIN_NOT_SUPPORTED: {
        readonly status: 422;
        readonly retryable: false;
    };
    /** There is no such token contract at this address. */
    readonly NOT_A_TOKEN: {
        readonly status: 422;
        readonly retryable: false;
    };
    /** The wallet provider refused; `details.reason` is its word. */
    readonly PROVIDER_REFUSED: {
        readonly status: 422;
        readonly retryable: false;
    };
    /** Too many calls; wait and repeat. */
    readonly RATE_LIMITED: {
        readonly status: 429;
        readonly retryable: true;
    };
    /** A defect of ours; quote the `requestId`. */
    readonly INTERNAL: {
        readonly status: 500;
        readonly retryable: true;
    };
    /** The wallet provider does not answer. Repeat with the same idempotency key. */
    readonly PROVIDER_UNAVAILABLE: {
        readonly status: 503;
        readonly retryable: true;
    };
    /** The chain does not answer. Repeat with the same idempotency key. */
    readonly CHAIN_UNAVAILABLE: {
        readonly status: 503;
        readonly retryable: true;
    };
    /** The database does not answer. Repeat with the same idempotency key. */
    readonly DATABASE_UNAVAILABLE: {
        readonly status: 503;
        readonly retryable: true;
    };
};
export type ErrorCode = keyof typeof errorCodes;
/** One field of the input and what is wrong with it. */
export type Issue = {
    path: string[];
    message: string;
};
/** What a failed call tells its client. */
export type ErrorShape = {
    message: string;
    /** The JSON-RPC number of the error class. */
    code: number;
    data: {
        code: ErrorCode;
        httpStatus: number;
        retryable: boolean;
        requestId: string;
        path: string | null;
        issues: Issue[] | null;
        details: Record<string, unknown> | null;
    };
};
