import { type Hash, isAddressEqual } from 'viem'
import type { SignerSendRow } from '../../../db/schema.ts'
import { ProviderError, type ProviderTransaction, type Submission } from '../wallet-provider.ts'
import { callOf } from './lane-rows.ts'

/** A send as its lane knows it. The hash is told once a block has it: until then another may take its place. */
export function viewOf(row: SignerSendRow): ProviderTransaction {
  const known = { reference: row.id, userOperationHash: null, transactionHash: null, failure: null }
  const transactionHash = row.transaction_hash as Hash | null
  switch (row.state) {
    case 'open':
    case 'withdrawn':
      return { ...known, state: 'pending' }
    case 'mined':
      return { ...known, state: 'success', transactionHash }
    case 'reverted': {
      const failure = { reason: 'execution_reverted', message: 'The chain has it, and it was reverted there.' }
      return { ...known, state: 'failed', transactionHash, failure }
    }
    case 'cancelled':
    case 'taken': {
      const failure = { reason: row.failure_reason ?? row.state, message: row.failure_message ?? '' }
      return { ...known, state: 'failed', failure }
    }
  }
}

export const pending = (id: string): ProviderTransaction => ({
  reference: id,
  state: 'pending',
  userOperationHash: null,
  transactionHash: null,
  failure: null,
})

/** @throws ProviderError `refused` when the key stands for something else already */
export function sameAs(row: SignerSendRow, { wallet, chainId, calls }: Submission): SignerSendRow {
  const [asked] = calls
  const stored = callOf(row)
  const isSame =
    asked !== undefined &&
    calls.length === 1 &&
    isAddressEqual(row.address as `0x${string}`, wallet) &&
    row.chain_id === BigInt(chainId) &&
    isAddressEqual(stored.to, asked.to) &&
    stored.value === asked.value &&
    stored.data.toLowerCase() === asked.data.toLowerCase()
  if (isSame) return row
  throw new ProviderError('refused', 'idempotency_mismatch', 'This key stands for another transaction already')
}
