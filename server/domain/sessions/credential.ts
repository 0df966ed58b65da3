import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a browser holds of its session: its id, and a secret of which only the hash is stored. */
export interface SessionCredential {
  id: string
  secret: string
}

export const newSessionSecret = (): string => randomBytes(32).toString('base64url')

export const sessionSecretHash = (secret: string): Buffer => createHash('sha256').update(secret).digest()

export const isSecretOf = (hash: Buffer, secret: string): boolean => timingSafeEqual(hash, sessionSecretHash(secret))
