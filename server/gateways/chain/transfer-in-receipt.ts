import { type Address, getAddress, type Hash, isAddressEqual, parseAbi, parseEventLogs } from 'viem'
import { type Receipt, userOperationEvent } from './chain.ts'

/** An ERC-20 transfer that must have happened. `amount` is in base units. */
export interface ExpectedTransfer {
  token: Address
  from: Address
  to: Address
  amount: bigint
}

/** What a receipt proves about an expected transfer. */
export type TransferProof =
  | { proven: true; logIndex: number }
  /** `reverted`: it had no effect. `absent`: it had an effect, but not this one. */
  | { proven: false; because: 'reverted' | 'absent' }

const transferEvent = parseAbi(['event Transfer(address indexed from, address indexed to, uint256 value)'])

/**
 * Looks for a transfer of exactly this token, payer, recipient and amount in the logs of this very transaction.
 *
 * A bundler may put the operations of several wallets into one transaction. Where the receipt carries the event of our user
 * operation, only the logs between the operation before it and its own event are ours.
 */
export function transferInReceipt(
  receipt: Receipt,
  { operationHash, entryPoints }: { operationHash: Hash | null; entryPoints: readonly Address[] },
  expected: ExpectedTransfer,
): TransferProof {
  if (!receipt.succeeded) return { proven: false, because: 'reverted' }
  // any contract can emit an event that looks like an entry point's
  const operations = parseEventLogs({ abi: [userOperationEvent], logs: [...receipt.logs] }).filter(({ address }) =>
    entryPoints.some((entryPoint) => isAddressEqual(entryPoint, address)),
  )
  const ours = operations.findIndex(({ args }) => args.userOpHash === operationHash)
  if (ours === -1 && operationHash && operations.length > 0) return { proven: false, because: 'absent' }
  if (operations[ours]?.args.success === false) return { proven: false, because: 'reverted' }

  const after = operations[ours - 1]?.logIndex ?? -1
  const before = operations[ours]?.logIndex ?? Number.POSITIVE_INFINITY
  const transfer = parseEventLogs({ abi: transferEvent, logs: [...receipt.logs] }).find(
    ({ address, logIndex, args }) =>
      logIndex > after &&
      logIndex < before &&
      getAddress(address) === expected.token &&
      args.from === expected.from &&
      args.to === expected.to &&
      args.value === expected.amount,
  )
  return transfer ? { proven: true, logIndex: transfer.logIndex } : { proven: false, because: 'absent' }
}
