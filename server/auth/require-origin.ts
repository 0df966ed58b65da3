import type { Context } from '../context.ts'
import { DomainError } from '../domain/domain-error.ts'

/**
 * The page that a call comes from, for calls that only pages make.
 *
 * @throws ORIGIN_NOT_ALLOWED
 */
export function requireOrigin({ origin }: Pick<Context, 'origin'>): string {
  if (origin && URL.canParse(origin)) return origin
  throw new DomainError(
    'ORIGIN_NOT_ALLOWED',
    'Signing in is for pages: send the Origin header as browsers do, with an origin of the app.',
  )
}
