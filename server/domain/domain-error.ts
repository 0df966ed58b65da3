import type { ErrorCode } from '../contract/errors.ts'

/** What the business answers when it must refuse. One place turns it into a response. */
export class DomainError extends Error {
  override readonly name = 'DomainError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>> | null

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> | null = null, cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.details = details
  }
}

/** The same answer for an object that does not exist and for one that belongs to somebody else. */
export const notFound = (noun: string) =>
  new DomainError(
    'NOT_FOUND',
    `There is no such ${noun}. Check the id, and that what you ask for is yours or your app's.`,
  )

/** What a page hears that is not one of the app's. */
export const foreignPage = () =>
  new DomainError(
    'ORIGIN_NOT_ALLOWED',
    "This page is not one of the app's. Add its origin with apps.update, or call from a page that is listed there.",
  )
