import { decodeEventLog, type Hex, isAddressEqual, type Log } from 'viem'
import { rpc } from '../../../../sandbox/chain/rpc.ts'
import { userOperationEvent } from '../../../../server/gateways/chain/chain.ts'
import type { World } from '../../../support/world.ts'

/** How many transactions and user operations of ours the chain has reverted in the blocks after one. */
export async function revertsSince({ chain, agent, relayer }: World, block: number): Promise<number> {
  const newest = Number(await rpc<Hex>(chain.url, 'eth_blockNumber'))
  let reverts = 0
  for (let number = block + 1; number <= newest; number++) {
    const receipts = await rpc<{ from: Hex; status: Hex; logs: Log[] }[]>(chain.url, 'eth_getBlockReceipts', [
      `0x${number.toString(16)}`,
    ])
    for (const { from, status, logs } of receipts) {
      if (![agent, relayer].some((one) => isAddressEqual(one, from))) continue
      if (status === '0x0') reverts++
      reverts += logs.filter(isFailedOperation).length
    }
  }
  return reverts
}

function isFailedOperation({ data, topics }: Log): boolean {
  try {
    return !decodeEventLog({ abi: [userOperationEvent], data, topics }).args.success
  } catch {
    return false // an event of something else
  }
}
