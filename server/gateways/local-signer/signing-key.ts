import {
  type Address,
  type Hash,
  type Hex,
  keccak256,
  type Signature,
  serializeSignature,
  serializeTransaction,
  type TransactionSerializable,
} from 'viem'
import { privateKeyToAddress, sign } from 'viem/accounts'
import { recoverSigner } from '../chain/recover-signer.ts'

/** A key that signs. Where it is kept is its own affair: a KMS fits behind the same two members. */
export interface SigningKey {
  readonly address: Address
  /** Signs the hash as it is; `s` in the lower half of the curve's order. */
  sign(hash: Hash): Promise<Signature>
}

/** @throws Error without the key in it, when it is not 32 hexadecimal bytes of a usable key. */
export function keyFromPrivateKey(privateKey: string): SigningKey {
  if (!/^0x[0-9a-fA-F]{64}$/.test(privateKey)) throw new Error('A signing key is 0x and 64 hexadecimal digits')
  const address = (() => {
    try {
      return privateKeyToAddress(privateKey as Hex)
    } catch {
      throw new Error('A signing key is a number between 0 and the order of the curve')
    }
  })()
  return { address, sign: (hash) => sign({ hash, privateKey: privateKey as Hex }) }
}

/** A transaction as nodes take it, and the hash it is known by. */
export interface Signed {
  raw: Hex
  hash: Hash
}

/** @throws Error when the signature is not the key's: nobody would know whose nonce was used. */
export async function signTransaction(key: SigningKey, transaction: TransactionSerializable): Promise<Signed> {
  const hash = keccak256(serializeTransaction(transaction))
  const signature = await key.sign(hash)
  const recovered = await recoverSigner(hash, serializeSignature(signature))
  if (!recovered || recovered.malleable || recovered.signer !== key.address.toLowerCase())
    throw new Error(`The signature is not one of ${key.address}`)
  const raw = serializeTransaction(transaction, signature)
  return { raw, hash: keccak256(raw) }
}
