import { type Address, type Hash, hashTypedData, serializeSignature } from 'viem'
import type { SigningKey } from '../local-signer/signing-key.ts'

/** A transfer that whoever holds it may put on the chain once, before it ends (EIP-3009). */
export interface Authorization {
  from: Address
  to: Address
  value: bigint
  validAfter: bigint
  validBefore: bigint
  nonce: Hash
}

const types = {
  TransferWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const

/** Signs a transfer of a token, which has this name and version in its EIP-712 domain. */
export async function signAuthorization(
  key: SigningKey,
  token: { address: Address; chainId: number; name: string; version: string },
  authorization: Authorization,
): Promise<Hash> {
  const { address: verifyingContract, ...domain } = token
  const hash = hashTypedData({
    domain: { ...domain, verifyingContract },
    types,
    primaryType: 'TransferWithAuthorization',
    message: authorization,
  })
  return serializeSignature(await key.sign(hash))
}
