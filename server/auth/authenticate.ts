import type { IncomingMessage } from 'node:http'
import type { GrantedRole, Scope } from '../contract/callers.ts'
import type { KeyPrincipal, Principal, UserPrincipal } from '../domain/principal.ts'
import { isSecretOf, type SessionCredential } from '../domain/sessions/credential.ts'
import type { Clock } from '../services.ts'
import { originOf, requireHome } from './origin-guard.ts'
import type { ReadApiKey } from './read-api-keys.ts'
import type { ReadSession } from './read-sessions.ts'
import type { SessionCookie } from './session-cookie.ts'
import type { TokenClaims, Tokens } from './tokens.ts'
import type { Touch } from './touch.ts'

/** What it takes to know a caller. Times are in milliseconds. */
export interface AuthenticateOptions {
  readApiKey: ReadApiKey
  readSession: ReadSession
  tokens: Tokens
  clock: Clock
  /** The origin of this service itself. */
  ownOrigin: string
  /** A session that nobody uses for so long is over. */
  idle: number
  touchKey: Touch
  touchSession: Touch
}

/**
 * Finds who a request speaks for; null for nobody, or for a key, token or session that is unknown, expired or revoked.
 *
 * @throws ORIGIN_NOT_ALLOWED when a page uses a session or a token of another page's app
 */
export type Authenticate = (request: IncomingMessage, cookie: SessionCookie) => Promise<Principal | null>

const apiKey = /^Bearer (psk_[A-Za-z0-9_-]{43})$/
const token = /^Bearer (ey[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/

/** When a key was last used is known to a minute. */
const KEY_TOUCH = 60_000

/**
 * A request that has an `Authorization` header is judged by it alone: its cookie is not looked at, and no page can make a
 * browser send the header.
 */
export function authentication(options: AuthenticateOptions): Authenticate {
  const { clock, tokens } = options
  // the time of last use need not be better known than a twelfth of what it is measured against
  const sessionTouch = Math.min(5 * 60_000, options.idle / 12)

  async function keyOf(secret: string): Promise<KeyPrincipal | null> {
    const key = await options.readApiKey(secret)
    const now = clock.now()
    if (!key || key.revoked_at || (key.expires_at && key.expires_at <= now)) return null
    if (!key.last_used_at || key.last_used_at.getTime() + KEY_TOUCH <= now.getTime())
      options.touchKey(key.id, key.last_used_at)
    return { kind: 'service', keyId: key.id, appId: key.app_id, scopes: key.scopes as Scope[] | null }
  }

  async function userOf(
    request: IncomingMessage,
    held: SessionCredential | TokenClaims,
  ): Promise<UserPrincipal | null> {
    const byCookie = 'secret' in held
    const id = byCookie ? held.id : held.sessionId
    const origin = originOf(request)
    const session = await options.readSession({ id, origin })
    const now = clock.now().getTime()
    if (!session || session.revoked_at || session.expires_at.getTime() <= now) return null
    if (session.last_seen_at.getTime() + options.idle <= now) return null
    const isTheirs = byCookie
      ? isSecretOf(session.secret_hash, held.secret)
      : held.userId === session.user_id && held.appId === session.app_id
    if (!isTheirs) return null
    const atHome = session.at_home || origin === options.ownOrigin
    if (byCookie || origin !== null) requireHome(request, atHome)
    if (session.last_seen_at.getTime() + sessionTouch <= now) options.touchSession(id, session.last_seen_at)
    return {
      kind: 'user',
      userId: session.user_id,
      appId: session.app_id,
      sessionId: id,
      roles: session.roles as GrantedRole[],
      scopes: byCookie ? null : held.scopes,
    }
  }

  return async (request, cookie) => {
    const { authorization } = request.headers
    if (authorization !== undefined) {
      const secret = apiKey.exec(authorization)?.[1]
      if (secret) return keyOf(secret)
      const bearer = token.exec(authorization)?.[1]
      const claims = bearer ? await tokens.read(bearer) : null
      return claims ? userOf(request, claims) : null
    }
    const credential = await cookie.read()
    return credential ? userOf(request, credential) : null
  }
}
