import { DomainError } from './domain/domain-error.ts';
/** The one place where whatever went wrong becomes what a client is told. What is not known here is ours, and told as nothing. */
export declare function asDomainError(error: unknown): DomainError;
/** The tRPC code with each error's HTTP status. */
export declare const trpcCodeOf: {
    readonly INVALID_INPUT: 'BAD_REQUEST';
    readonly UNAUTHENTICATED: 'UNAUTHORIZED';
    readonly FORBIDDEN: 'FORBIDDEN';
    readonly REFUSED_BY_COMPLIANCE: 'FORBIDDEN';
    readonly INSUFFICIENT_BALANCE: 'PAYMENT_REQUIRED';
    readonly NOT_FOUND: 'NOT_FOUND';
    readonly NO_SUCH_PROCEDURE: 'NOT_FOUND';
    readonly PAYWALL_CLOSED: 'CONFLICT';
    readonly NOT_CANCELLABLE: 'CONFLICT';
    readonly ALREADY_EXISTS: 'CONFLICT';
    readonly CONFLICT: 'CONFLICT';
    readonly TOO_LARGE: 'PAYLOAD_TOO_LARGE';
    readonly UNSUPPORTED_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE';
    readonly IDEMPOTENCY_MISMATCH: 'UNPROCESSABLE_CONTENT';
    readonly CHAIN_NOT_SUPPORTED: 'UNPROCESSABLE_CONTENT';
    readonly NOT_A_TOKEN: 'UNPROCESSABLE_CONTENT';
    readonly PROVIDER_REFUSED: 'UNPROCESSABLE_CONTENT';
    readonly RATE_LIMITED: 'TOO_MANY_REQUESTS';
    readonly INTERNAL: 'INTERNAL_SERVER_ERROR';
    readonly PROVIDER_UNAVAILABLE: 'SERVICE_UNAVAILABLE';
    readonly CHAIN_UNAVAILABLE: 'SERVICE_UNAVAILABLE';
    readonly DATABASE_UNAVAILABLE: 'SERVICE_UNAVAILABLE';
};
