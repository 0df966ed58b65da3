import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto'
import { type JWK, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod'
import { type TokenScope, tokenScopes } from '../contract/callers.ts'
import type { Clock } from '../services.ts'
import { memo } from './memo.ts'

/** A key that tokens are signed with: an Ed25519 seed of 32 bytes. */
export interface TokenKey {
  kid: string
  seed: Buffer
}

/** What a token says. `app` is the app of the user; `sid` the session it was made from. */
export interface TokenClaims {
  userId: string
  appId: string
  sessionId: string
  scopes: TokenScope[]
}

/** Makes and reads bearer tokens for mini-apps on other sites. */
export interface Tokens {
  mint(claims: TokenClaims): Promise<{ token: string; expiresAt: Date }>
  /** Null for a token that is not ours, not for us, altered or expired. */
  read(token: string): Promise<TokenClaims | null>
  /** The public keys, for whoever wants to check a token without asking us. */
  readonly jwks: { keys: JWK[] }
}

/** Milliseconds that a token lasts. */
export const TOKEN_LIFETIME = 10 * 60_000

/** Tokens that were found good and whose signature is not checked again. */
const REMEMBERED = 10_000

const claims = z.object({
  sub: z.uuid(),
  app: z.uuid(),
  sid: z.uuid(),
  jti: z.string(),
  exp: z.number(),
  scope: z.string().transform((text, problem) => {
    const scopes = text.split(' ')
    if (scopes.every((scope): scope is TokenScope => (tokenScopes as readonly string[]).includes(scope))) return scopes
    problem.addIssue({ code: 'custom', message: 'is not a list of scopes' })
    return z.NEVER
  }),
})

/**
 * Signs with the first key; every key is published and believed. To change keys without a gap, add the new one at the end, then
 * move it to the front once every instance has it, and drop the old one ten minutes later.
 *
 * @param issuer the URL of this service: who made the token, and whom it is for
 */
export function createTokens(keys: readonly TokenKey[], issuer: string, clock: Clock): Tokens {
  const ring = new Map(keys.map(({ kid, seed }) => [kid, keyPair(seed)]))
  const [signing] = keys

  const verified = memo(REMEMBERED, async (token: string) => {
    const { payload } = await jwtVerify(
      token,
      ({ kid }) => {
        const pair = ring.get(kid ?? '')
        if (!pair) throw new Error('The token is signed with a key that is not ours')
        return pair.publicKey
      },
      {
        algorithms: ['EdDSA'],
        issuer,
        audience: issuer,
        typ: 'at+jwt',
        requiredClaims: ['iss', 'aud', 'sub', 'exp', 'iat', 'jti'],
        clockTolerance: 5,
        currentDate: clock.now(),
      },
    )
    return claims.parse(payload)
  })

  return {
    async mint({ userId, appId, sessionId, scopes }) {
      const now = clock.now()
      const expiresAt = new Date(Math.floor(now.getTime() / 1000) * 1000 + TOKEN_LIFETIME)
      const token = await new SignJWT({ app: appId, sid: sessionId, scope: scopes.join(' ') })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: signing!.kid })
        .setIssuer(issuer)
        .setAudience(issuer)
        .setSubject(userId)
        .setIssuedAt(now)
        .setExpirationTime(expiresAt)
        .setJti(randomUUID())
        .sign(ring.get(signing!.kid)!.privateKey)
      return { token, expiresAt }
    },

    async read(token) {
      const content = await verified(token).catch(() => null)
      // a signature that was good stays so; the time goes on
      if (!content || content.exp * 1000 <= clock.now().getTime()) return null
      return { userId: content.sub, appId: content.app, sessionId: content.sid, scopes: content.scope }
    },

    jwks: {
      keys: [...ring].map(([kid, { publicKey }]) => ({
        ...publicKey.export({ format: 'jwk' }),
        kid,
        alg: 'EdDSA',
        use: 'sig',
      })),
    },
  }
}

/** What stands before the seed in an Ed25519 private key (RFC 8410, PKCS#8). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

function keyPair(seed: Buffer): { privateKey: KeyObject; publicKey: KeyObject } {
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' })
  return { privateKey, publicKey: createPublicKey(privateKey) }
}
