import type { Role, Scope } from '../contract/callers.ts'

/** The app id of what belongs to the platform itself, such as assets. */
export const PLATFORM = '00000000-0000-0000-0000-000000000000'

/** A person in an app, by a session of theirs or a token made from one. */
export interface UserPrincipal {
  kind: 'user'
  userId: string
  appId: string
  sessionId: string
  /** What they are beside a `user`. */
  roles: readonly Role[]
  /** What the token is confined to; null for a session itself. */
  scopes: readonly Scope[] | null
}

/** An API key. `appId` is null for a key of the platform's operators. */
export interface KeyPrincipal {
  kind: 'service'
  keyId: string
  appId: string | null
  /** What the key is confined to; null is nothing. */
  scopes: readonly Scope[] | null
}

export type AppKeyPrincipal = KeyPrincipal & { appId: string }
export type PlatformPrincipal = KeyPrincipal & { appId: null }

/** The service itself: the dispatcher, the tracker. */
export interface SystemPrincipal {
  kind: 'system'
  name: string
}

/** Who is calling. */
export type Principal = UserPrincipal | KeyPrincipal | SystemPrincipal

/** A principal that acts in one app. */
export type AppPrincipal = UserPrincipal | AppKeyPrincipal

/** Who did it, as the audit trail and approvals name them. */
export function actorOf(principal: Principal): string {
  switch (principal.kind) {
    case 'user':
      return `user:${principal.userId}`
    case 'service':
      return `key:${principal.keyId}`
    case 'system':
      return `system:${principal.name}`
  }
}

/**
 * Whose idempotency keys these are. All keys of an app share them: a client that retries after its API key was rotated must meet
 * its first payment, not make a second.
 */
export const subjectOf = (principal: Principal): string =>
  principal.kind === 'user' ? actorOf(principal) : principal.kind

/**
 * The user whose objects alone a caller reaches, or null for one who reaches all of the app's: its servers, and people with one
 * of these roles.
 */
export const confinedTo = (principal: AppPrincipal, beyond: readonly Role[]): string | null =>
  principal.kind === 'service' || principal.roles.some((role) => beyond.includes(role)) ? null : principal.userId

/** The roles that see whatever happens in their app. */
export const overseers: readonly Role[] = ['officer', 'auditor', 'operator']
