import type { Hash } from 'viem'
import type { ProviderFailure, Transaction } from './records.ts'
import type { Simulator } from './simulator.ts'
import { announceFailure } from './transfers.ts'

/** The way of a transaction after its approval. Each step is written down before anybody hears of it. */

/** Approved: takes its way to the chain, or whatever a fault makes of it. */
export function accept(simulator: Simulator, transaction: Transaction): void {
  const { faults, store, relayers } = simulator
  const facts = {
    wallet: transaction.wallet,
    transactionId: transaction.id,
    idempotencyKey: transaction.creation.key,
    text: () => JSON.stringify(transaction.calls),
  }
  transaction.status = 'pending'
  const relayer = relayers.get(transaction.chain)!

  const held = faults.take('F6', facts)
  if (held) {
    transaction.hold = held.variant === 'silent' ? 'silent' : 'broadcast'
    if (held.variant === 'late') transaction.holdUntil = Date.now() + held.delay
  }
  const early = faults.take('F7', facts)
  if (early) {
    const reason = early.variant === 'landed' ? 'failed_to_land_on_chain' : early.variant
    if (early.variant === 'landed') relayer.enqueue(transaction)
    fail(simulator, transaction, { reason, message: messages[reason] })
    return
  }
  if (faults.take('F8', facts)) transaction.fate = 'blocked'
  if (faults.take('F9', facts)) {
    // another point of the curve: a well-formed signature by somebody else
    const { signature } = transaction.userOperation
    transaction.userOperation.signature = `0x${signature.slice(2, 66)}${signature.slice(2, 66)}${signature.slice(130)}`
  }
  store.save('transaction', transaction)
  if (transaction.holdUntil !== null) releaseInTime(simulator, transaction)
  relayer.enqueue(transaction)
}

/** Ends the hold of a fault: the transaction goes on. */
export function release(simulator: Simulator, transaction: Transaction): void {
  const { hold } = transaction
  transaction.hold = null
  transaction.holdUntil = null
  if (hold === 'approval') accept(simulator, transaction)
  else simulator.store.save('transaction', transaction)
  simulator.relayers.get(transaction.chain)!.nudge()
}

/** Ends a hold when its time is over, also after a restart. */
export function releaseInTime(simulator: Simulator, transaction: Transaction): void {
  if (transaction.holdUntil === null) return
  setTimeout(
    () => {
      if (transaction.hold !== null) release(simulator, transaction)
    },
    Math.max(0, transaction.holdUntil - Date.now()),
  ).unref()
}

/** Seen on the chain, successful. */
export function succeed(simulator: Simulator, transaction: Transaction, hash: Hash): void {
  if (transaction.status === 'failed') return // told to have failed: that is not taken back
  transaction.status = 'success'
  transaction.txId = hash
  transaction.completedAt ??= new Date().toISOString()
  simulator.store.save('transaction', transaction)
}

/** Terminal, for the reason given; `hash` when it reached the chain. */
export function fail(simulator: Simulator, transaction: Transaction, error: ProviderFailure, hash?: Hash): void {
  if (transaction.status === 'failed') return
  transaction.status = 'failed'
  if (transaction.hold !== 'silent') transaction.hold = null
  transaction.txId = hash ?? null
  transaction.error = error
  transaction.completedAt = new Date().toISOString()
  simulator.store.save('transaction', transaction)
  announceFailure(simulator, transaction)
}

const messages = {
  build_failed: 'The transaction could not be built',
  failed_to_land_on_chain: 'The transaction failed to land on chain',
  sanctioned_wallet_address: 'The wallet address is sanctioned',
  unknown: 'An unknown error occurred',
} as const
