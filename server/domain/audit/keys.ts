import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

/** A key that checkpoints are signed with. */
export interface AuditKey {
  id: string
  privateKey: KeyObject
}

/** The public keys that signatures are checked with, by id. */
export type PublicKeys = ReadonlyMap<string, KeyObject>

/** What stands before the seed in an Ed25519 private key (RFC 8410, PKCS#8). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The key of an Ed25519 seed of 32 bytes. */
export const auditKey = (id: string, seed: Buffer): AuditKey => ({
  id,
  privateKey: createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' }),
})

/** The public halves of keys. */
export const publicKeysOf = (keys: readonly AuditKey[]): PublicKeys =>
  new Map(keys.map(({ id, privateKey }) => [id, createPublicKey(privateKey)]))

/** A public key as text: 32 bytes in base64url. */
export const textOfPublicKey = (key: KeyObject): string => key.export({ format: 'jwk' }).x!

/** @throws Error for text that is no such key */
export const publicKeyFromText = (text: string): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: text }, format: 'jwk' })
