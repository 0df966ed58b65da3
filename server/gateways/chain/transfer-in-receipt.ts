import { type Address, getAddress, type Hash, isAddressEqual, type Log, parseEventLogs } from 'viem'
import { type Receipt, transferEvent, userOperationEvent } from './chain.ts'

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

/** Which logs of a receipt are of our user operation, where it is one. */
export interface Ours {
  operationHash: Hash | null
  entryPoints: readonly Address[]
}

/**
 * The logs that are ours. A bundler may put the operations of several wallets into one transaction: where the receipt carries the event of our
 * user operation, only the logs between the operation before it and its own event are.
 */
export function ownLogs(
  receipt: Receipt,
  { operationHash, entryPoints }: Ours,
): { logs: Log[] } | { because: 'reverted' | 'absent' } {
  if (!receipt.succeeded) return { because: 'reverted' }
  // any contract can emit an event that looks like an entry point's
  const operations = parseEventLogs({ abi: [userOperationEvent], logs: [...receipt.logs] }).filter(({ address }) =>
    entryPoints.some((entryPoint) => isAddressEqual(entryPoint, address)),
  )
  const ours = operations.findIndex(({ args }) => args.userOpHash === operationHash)
  if (ours === -1 && operationHash && operations.length > 0) return { because: 'absent' }
  if (operations[ours]?.args.success === false) return { because: 'reverted' }

  const after = operations[ours - 1]?.logIndex ?? -1
  const before = operations[ours]?.logIndex ?? Number.POSITIVE_INFINITY
  return { logs: receipt.logs.filter(({ logIndex }) => logIndex! > after && logIndex! < before) }
}

/** Looks for a transfer of exactly this token, payer, recipient and amount in the logs of this very transaction that are ours. */
export function transferInReceipt(receipt: Receipt, ours: Ours, expected: ExpectedTransfer): TransferProof {
  const own = ownLogs(receipt, ours)
  if ('because' in own) return { proven: false, because: own.because }
  const [logIndex] = transfersIn(own.logs, expected)
  return logIndex === undefined ? { proven: false, because: 'absent' } : { proven: true, logIndex }
}

/** The indexes of those logs that are of exactly this transfer: a wallet may make the same one several times at once. */
export const transfersIn = (logs: readonly Log[], expected: ExpectedTransfer): number[] =>
  parseEventLogs({ abi: [transferEvent], logs: [...logs] })
    .filter(
      ({ address, args }) =>
        getAddress(address) === expected.token &&
        args.from === expected.from &&
        args.to === expected.to &&
        args.value === expected.amount,
    )
    .map(({ logIndex }) => logIndex!)
