import { heardOfOperations } from '../domain/transactions/heard-of.ts'
import type { Chain } from '../gateways/chain/chain.ts'
import { LOOK_BACK } from '../gateways/chain/chain.ts'
import type { Services } from '../services.ts'
import { type Repetition, repeat } from './repeat.ts'

/**
 * Follows a chain's new blocks and makes due whatever transaction of ours they carry: settling then waits for a block, not for
 * a poll, and costs the provider's rate limit nothing. It is a hint like any other; what it misses the tracker finds.
 */
export function watchChain(services: Services, chain: Chain, interval: number): Repetition {
  let seen: bigint | null = null
  return repeat(async () => {
    try {
      const latest = await chain.blockNumber()
      services.metrics.up.set({ dependency: `chain eip155:${chain.chainId}` }, 1)
      // a chain that is behind what was seen was reset or reorganised: start over from where it stands
      if (seen === null || latest < seen) seen = latest - 1n
      if (latest > seen) {
        const from = latest - seen > LOOK_BACK ? latest - LOOK_BACK : seen + 1n
        await heardOfOperations(services, await chain.userOperations(from, latest))
        seen = latest
      }
    } catch (error) {
      services.metrics.up.set({ dependency: `chain eip155:${chain.chainId}` }, 0)
      services.log.warn({ chainId: chain.chainId, err: error }, 'the chain could not be followed')
    }
    return interval
  })
}
