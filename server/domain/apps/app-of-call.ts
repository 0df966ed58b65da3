import { DomainError, notFound } from '../domain-error.ts'
import type { KeyPrincipal, UserPrincipal } from '../principal.ts'

/**
 * The app that a call is about: the caller's own; the platform's operators name it.
 *
 * @throws NOT_FOUND for another app than the caller's, INVALID_INPUT if the platform names none
 */
export function appOfCall(principal: UserPrincipal | KeyPrincipal, named: string | undefined): string {
  if (principal.appId === null) {
    if (!named) throw new DomainError('INVALID_INPUT', 'Name the app: the platform\'s keys belong to none ("appId").')
    return named
  }
  if (named && named !== principal.appId) throw notFound('app')
  return principal.appId
}
