import { type Address, getAddress, type Hash, parseAbi, parseEventLogs } from 'viem'
import type { Chain } from '../../gateways/chain/chain.ts'

/** What the chain must show of a purchase that was paid. */
export interface ExpectedPayment {
  token: Address
  /** Null: an intermediary's. */
  payer: Address | null
  payee: Address
  price: bigint
  /** The transaction is in none before this. */
  fromBlock: bigint
}

/** What a transaction proves of it. `otherwise`: it paid something else, or somebody else, or nothing. */
export type Proof = 'proven' | 'not yet' | 'otherwise'

const transferEvent = parseAbi(['event Transfer(address indexed from, address indexed to, uint256 value)'])

/** Looks for exactly this token, payer, payee and amount in the logs of a transaction. @throws ChainUnavailable */
export async function provePayment(chain: Chain, hash: Hash, expected: ExpectedPayment): Promise<Proof> {
  const [receipt, head] = await Promise.all([chain.receipt(hash), chain.blockNumber()])
  if (!receipt || receipt.blockNumber + BigInt(chain.confirmations) - 1n > head) return 'not yet'
  if (!receipt.succeeded || receipt.blockNumber < expected.fromBlock) return 'otherwise'
  const isPaid = parseEventLogs({ abi: transferEvent, logs: [...receipt.logs] }).some(
    ({ address, args: { from, to, value } }) =>
      getAddress(address) === expected.token &&
      (expected.payer === null || from === expected.payer) &&
      to === expected.payee &&
      value === expected.price,
  )
  return isPaid ? 'proven' : 'otherwise'
}
