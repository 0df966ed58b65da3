import type { TransactionRow } from '../../../db/schema.ts'
import type { Hash } from '../../contract/entities.ts'
import { type Chain, ChainUnavailable, LOOK_BACK } from '../../gateways/chain/chain.ts'
import type { Services } from '../../services.ts'
import { namedTransfer, proveNamedTransfer } from './prove-named-transfer.ts'

/** What a search of the chain came to. */
export interface Search {
  /** The chain transaction that pays. */
  found: Hash | null
  /** The block up to which nothing else needs to be looked at again. */
  searched: bigint
  /** Whether it came to the newest block. */
  isThrough: boolean
}

/** Newest blocks that the next search looks through again, at least: a node that is behind shows nothing of them, and does not say so. */
const OVERLAP = 20

/** Ranges of blocks that one search looks through: the next goes on behind them. */
const MOST_RANGES = 5

/**
 * Searches the chain for the transfer that pays, in the blocks since the calls were handed out: for a payer who has signed them, and whose
 * browser never told us, or whose wallet has put another chain transaction in the place of the one that it told.
 *
 * @throws ChainUnavailable
 */
export async function findNamedTransfer(
  services: Services,
  transaction: TransactionRow,
  chain: Chain,
): Promise<Search> {
  const [latest, transfer] = await Promise.all([chain.blockNumber(), namedTransfer(services, transaction.id)])
  const before = transaction.searched_block ?? latest
  let from = before + 1n
  for (let ranges = 0; from <= latest && ranges < MOST_RANGES; ranges++) {
    const to = from + LOOK_BACK - 1n < latest ? from + LOOK_BACK - 1n : latest
    for (const hash of await chain.transfers(transfer, from, to)) {
      const receipt = await chain.receipt(hash)
      // the node that was asked is behind the one that had the log
      if (!receipt) throw new ChainUnavailable(`Chain ${chain.chainId} has a log of ${hash}, but not its receipt.`)
      if ((await proveNamedTransfer(services, transaction, chain, receipt)).proven)
        return { found: hash, searched: before, isThrough: false }
    }
    from = to + 1n
  }
  // blocks that may still be replaced are looked at again
  const settled = latest - BigInt(Math.max(chain.confirmations, OVERLAP))
  const seen = from - 1n < settled ? from - 1n : settled
  return { found: null, searched: seen > before ? seen : before, isThrough: from > latest }
}
