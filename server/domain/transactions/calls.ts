import { concat, type Hex } from 'viem'
import type { Call } from '../../gateways/wallet-provider.ts'

/**
 * Calldata followed by its transaction's id, as 16 bytes. Contracts ignore what follows their arguments, and it makes the calldata of each
 * transaction its own: the provider's records and the chain can be searched for it.
 */
export const withReference = (data: Hex, transactionId: string): Hex =>
  concat([data, `0x${transactionId.replaceAll('-', '')}`])

/** Calls as they are stored, in JSON. */
export const callRecords = (calls: readonly Call[]): string =>
  JSON.stringify(calls.map(({ to, value, data }) => ({ to, value: String(value), data })))
