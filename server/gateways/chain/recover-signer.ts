import { createRequire } from 'node:module'
import { type Address, type Hash, type Hex, keccak256, recoverAddress } from 'viem'

/** Who made a signature. The address is in lower case. */
export interface Recovered {
  signer: Address
  /** Its `s` is in the upper half of the curve's order: anybody can make such a twin of a signature they have seen. */
  malleable: boolean
}

const native = loadNative()

/** What recovers the signers: libsecp256k1, or viem's own arithmetic on a machine the library was not built for. */
export const signatureBackend: 'native' | 'javascript' = native ? 'native' : 'javascript'

/**
 * The plain key that signed the hash, or null where the signature is none: it has 65 bytes, `r` and `s` between 0 and the
 * curve's order, and a `v` of 0, 1, 27 or 28. Never throws, whatever it is given.
 */
export async function recoverSigner(hash: Hash, signature: Hex): Promise<Recovered | null> {
  if (!/^0x[0-9a-f]{64}$/i.test(hash) || !/^0x[0-9a-f]{130}$/i.test(signature)) return null
  const bytes = Buffer.from(signature.slice(2), 'hex')
  const [r, s] = [bytes.subarray(0, 32), bytes.subarray(32, 64)]
  const recoveryId = recoveryIds.get(bytes[64]!)
  if (recoveryId === undefined || !isScalar(r) || !isScalar(s)) return null
  try {
    const signer = native
      ? addressOf(native.ecdsaRecover(bytes.subarray(0, 64), recoveryId, Buffer.from(hash.slice(2), 'hex'), false))
      : ((await recoverAddress({ hash, signature })).toLowerCase() as Address)
    return { signer, malleable: s.compare(halfOrder) > 0 }
  } catch {
    return null // no point of the curve has this `r`
  }
}

const recoveryIds = new Map([
  [0, 0],
  [1, 1],
  [27, 0],
  [28, 1],
])
const zero = Buffer.alloc(32)
const order = Buffer.from('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141', 'hex')
const halfOrder = Buffer.from('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0', 'hex')

const isScalar = (bytes: Buffer) => bytes.compare(zero) > 0 && bytes.compare(order) < 0

const addressOf = (publicKey: Uint8Array): Address => `0x${keccak256(publicKey.subarray(1)).slice(-40)}`

function loadNative(): typeof import('secp256k1') | null {
  try {
    // the package's main file would put elliptic, which has a history of forgeries, in the place of a missing binding
    return createRequire(import.meta.url)('secp256k1/bindings.js')
  } catch {
    return null
  }
}
