import { notFound } from '../domain-error.ts'
import type { KeyPrincipal, Principal, UserPrincipal } from '../principal.ts'

/**
 * Whose endpoints a call is about: the caller's app's. The platform's keys name an app, or none for the platform's own (null).
 *
 * @throws NOT_FOUND for another app than the caller's
 */
export function ownerOfCall(principal: UserPrincipal | KeyPrincipal, named: string | undefined): string | null {
  if (principal.appId === null) return named ?? null
  if (named && named !== principal.appId) throw notFound('app')
  return principal.appId
}

/** The app whose endpoints alone a caller reaches; null reaches all. */
export const reachOf = (principal: Principal): string | null => (principal.kind === 'system' ? null : principal.appId)
