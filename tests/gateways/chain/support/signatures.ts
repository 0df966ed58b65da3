import { concat, type Hex, numberToHex } from 'viem'

/** The order of secp256k1. */
export const curveOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** 65 bytes, whatever the numbers. */
export const signatureOf = (r: bigint | Hex, s: bigint | Hex, v: number): Hex =>
  concat([numberToHex(BigInt(r), { size: 32 }), numberToHex(BigInt(s), { size: 32 }), numberToHex(v, { size: 1 })])

/** The other signature of the same key over the same hash, which anybody can work out: s mirrored, v turned over. */
export function malleated(signature: Hex): Hex {
  const [r, s, v] = [signature.slice(0, 66) as Hex, BigInt(`0x${signature.slice(66, 130)}`), signature.slice(130)]
  return signatureOf(r, curveOrder - s, v === '1b' ? 28 : 27)
}

/** The bytes with one bit of them turned over. */
export function flipped(bytes: Hex, bit: number): Hex {
  const buffer = Buffer.from(bytes.slice(2), 'hex')
  buffer[bit >> 3]! ^= 1 << (bit & 7)
  return `0x${buffer.toString('hex')}`
}
