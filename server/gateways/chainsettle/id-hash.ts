import { randomBytes } from 'node:crypto'
import { encodePacked, type Hash, type Hex, keccak256 } from 'viem'

/** How a settlement is named on every chain: its own id stays with whoever has the salt. */
export function idHashOf(salt: Hash, settlementId: string): Hash {
  return keccak256(encodePacked(['bytes32', 'string'], [salt, settlementId]))
}

/** 32 bytes that nobody can guess. */
export function newSalt(): Hash {
  return `0x${randomBytes(32).toString('hex')}` as Hex
}
