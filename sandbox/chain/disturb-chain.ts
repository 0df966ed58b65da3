import type { Hash } from 'viem'
import { deployContracts } from './deploy-contracts.ts'
import { rpc } from './rpc.ts'

/** Replaces the last `depth` blocks with empty ones. What they held did not happen; answers with the transactions removed. */
export async function reorganize(url: string, depth: number): Promise<{ removed: Hash[] }> {
  const head = Number(await rpc(url, 'eth_blockNumber'))
  const blocks = await Promise.all(
    Array.from({ length: depth }, (_, index) =>
      rpc<{ transactions: Hash[] }>(url, 'eth_getBlockByNumber', [`0x${(head - index).toString(16)}`, false]),
    ),
  )
  await rpc(url, 'anvil_reorg', [depth, []])
  return { removed: blocks.flatMap(({ transactions }) => transactions) }
}

/** Starts the chain anew at block 0, with the contracts of the sandbox and nothing else. */
export async function resetChain(url: string): Promise<void> {
  await rpc(url, 'anvil_reset')
  await deployContracts(url)
}
