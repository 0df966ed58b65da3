import { createHash, randomBytes } from 'node:crypto'

/** A new secret: 256 random bits behind a mark that secret scanners can look for. */
export const newSecret = (): string => `psk_${randomBytes(32).toString('base64url')}`

/** What is stored of a secret. It has too many random bits for a slow hash to add anything. */
export const secretHash = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** Enough of a secret to recognise it by, and too little to use. */
export const prefixOf = (secret: string): string => secret.slice(0, 12)
