import type { ErrorCode } from '../contract/errors.ts';
/** What the business answers when it must refuse. One place turns it into a response. */
export declare class DomainError extends Error {
    readonly name = "DomainError";
    readonly code: ErrorCode;
    readonly details: Readonly<Record<string, unknown>> | null;
    constructor(code: ErrorCode, message: string, details?: Record<string, unknown> | null, cause?: unknown);
}
/** The same answer for an object that does not exist and for one that belongs to somebody else. */
export declare const notFound: (noun: string) => DomainError;
