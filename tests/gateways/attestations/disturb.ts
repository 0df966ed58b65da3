import { reorganize } from '../../../sandbox/chain/disturb-chain.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'

/** What may happen to a chain. */
export function disturb(url: string) {
  return {
    async mine(blocks: number) {
      await rpc(url, 'anvil_mine', [`0x${blocks.toString(16)}`])
    },
    async passTime(seconds: number) {
      await rpc(url, 'evm_increaseTime', [seconds])
      await rpc(url, 'evm_mine')
    },
    async reorg(depth: number) {
      await reorganize(url, depth)
    },
    /** Of the newest block, in milliseconds. */
    async time(): Promise<number> {
      const { timestamp } = await rpc<{ timestamp: string }>(url, 'eth_getBlockByNumber', ['latest', false])
      return Number(timestamp) * 1000
    },
  }
}
