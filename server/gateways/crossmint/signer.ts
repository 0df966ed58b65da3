import { hkdfSync } from 'node:crypto'
import type { Address, Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

/** The key that approves what a wallet does. A KMS fits behind the same three members. */
export interface Signer {
  /** How Crossmint knows the key: one we hold as it is, or one derived from its `server` secret. */
  readonly kind: 'external-wallet' | 'server'
  readonly address: Address
  /** Signs the raw bytes by EIP-191; answers with the 65 bytes of an ECDSA signature. */
  signMessage(message: { raw: Hex }): Promise<Hex>
}

/** Crossmint's name of a signer, as it stands in requests. */
export function locatorOf(signer: Signer): string {
  return `${signer.kind}:${signer.address}`
}

/** @throws Error without the key in it, when it is not 32 hexadecimal bytes of a usable key. */
export function signerFromPrivateKey(privateKey: string, kind: Signer['kind'] = 'external-wallet'): Signer {
  if (!/^0x[0-9a-fA-F]{64}$/.test(privateKey)) throw new Error('A signer key is 0x and 64 hexadecimal digits')
  const account = privateKeyToAccount(privateKey as Hex)
  return {
    kind,
    address: account.address,
    signMessage: ({ raw }) => account.signMessage({ message: { raw } }),
  }
}

/**
 * The signer that Crossmint's own SDK derives from a `server` secret: 32 bytes as hexadecimal, with or without `xmsk1_`.
 * The same secret gives another address in another project or environment.
 */
export function signerFromServerSecret(
  secret: string,
  scope: { projectId: string; environment: 'staging' | 'production' },
): Signer {
  const hex = secret.startsWith('xmsk1_') ? secret.slice('xmsk1_'.length) : secret
  if (!/^[0-9a-fA-F]{64}$/.test(hex))
    throw new Error('A server secret is 64 hexadecimal digits, xmsk1_ before them or not')
  const info = `${scope.projectId}:${scope.environment}:evm-secp256k1`
  const key = hkdfSync('sha256', Buffer.from(hex, 'hex'), 'crossmint', info, 32)
  return signerFromPrivateKey(`0x${Buffer.from(key).toString('hex')}`, 'server')
}
