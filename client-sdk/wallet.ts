import type { Address, ChainName, Hash } from '../server/contract/entities.ts'

/** What the owner of an external wallet is to sign for a payment: exactly these calls, on this chain, from this address. */
export type WalletCalls = {
  paymentId: string
  chain: ChainName
  from: Address
  /** `value` is in base units of the chain's own currency. */
  calls: { to: Address; data: `0x${string}`; value: bigint }[]
  expiresAt: Date
}

/** A wallet of the person's own, which signs and sends. */
export interface WalletSender {
  address: Address
  /** Sends the calls in order. @returns the hash of the last transaction, which was sent and may not be mined */
  sendCalls(calls: WalletCalls): Promise<Hash>
}
