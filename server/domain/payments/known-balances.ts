import type { Chains } from '../../gateways/chain/chains.ts'
import type { Clock } from '../../services.ts'
import type { Offer } from './offer.ts'

/** What is paid from which wallet. */
export type PaidFrom = Pick<Offer, 'asset' | 'amount'> & { wallet: Pick<Offer['wallet'], 'id' | 'address'> }

/** Balances lately read from the chain. */
export interface KnownBalances {
  /**
   * A balance that covers the offer, if one was read in the last seconds; else what the chain says now. So a payment is refused
   * only on a fresh reading, and accepted on a recent one: whether it really can be paid is the chain's to say.
   */
  atLeast(offer: PaidFrom): Promise<bigint>
}

const BELIEVED_FOR = 5_000
const REMEMBERED = 10_000

export function knownBalances({ chains, clock }: { chains: Chains; clock: Clock }): KnownBalances {
  const known = new Map<string, { amount: bigint; until: number }>()

  return {
    async atLeast({ wallet, asset, amount }) {
      const key = `${asset.id} ${wallet.address}`
      const recent = known.get(key)
      if (recent && recent.amount >= amount && recent.until > clock.now().getTime()) return recent.amount

      const fresh = await chains.get(asset.chainId)!.balanceOf(asset.address, wallet.address)
      known.delete(key)
      if (known.size >= REMEMBERED) known.delete(known.keys().next().value!)
      known.set(key, { amount: fresh, until: clock.now().getTime() + BELIEVED_FOR })
      return fresh
    },
  }
}
