import type { IncomingMessage } from 'node:http'
import { DomainError, foreignPage } from '../domain/domain-error.ts'

/** What the browser says about the page a request came from: its `Origin`; null if it says nothing. */
export const originOf = ({ headers }: Pick<IncomingMessage, 'headers'>): string | null => headers.origin ?? null

/**
 * Lets a page use what the browser holds, or refuses. A page that says where it is must be at home. One that does not may only
 * read, and not from another site; unless the browser itself vouches that it is a page of this very origin.
 *
 * @param atHome whether the origin is one of the app's, or this service's own
 * @throws ORIGIN_NOT_ALLOWED
 */
export function requireHome({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>, atHome: boolean): void {
  const { origin, 'sec-fetch-site': site } = headers
  if (origin !== undefined ? !atHome : site === 'cross-site' || site === 'same-site') throw foreignPage()
  if (origin === undefined && site !== 'same-origin' && method !== 'GET' && method !== 'HEAD')
    throw new DomainError(
      'ORIGIN_NOT_ALLOWED',
      'A change that rests on a session must come from a page: send the Origin header as browsers do, or use an API key or a token.',
    )
}
