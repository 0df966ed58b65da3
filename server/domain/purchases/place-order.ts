import { randomBytes } from 'node:crypto'
import { toHex } from 'viem'
import type { BuyingPolicy } from '../../contract/purchases.ts'
import type { ApiBuyer, Order } from '../../gateways/api-buyer.ts'
import type { Services } from '../../services.ts'
import { inTurn } from '../in-turn.ts'
import type { AppPrincipal } from '../principal.ts'
import { reserve } from './budgets.ts'
import { changePurchase } from './change-purchase.ts'
import { refusePurchase } from './end-purchase.ts'
import type { KnownOffer } from './judge.ts'

/** The most seconds that a signature is good for, whatever the seller would like. */
const LONGEST = 300

/**
 * Reserves what an offer costs and writes by what the payment will be found again, in one commit. From then on it may be paid. Null: the
 * budgets have no room, or the purchase has ended meanwhile.
 *
 * @throws ChainUnavailable
 */
export async function placeOrder(
  services: Services,
  principal: AppPrincipal,
  { id, terms, way, offer }: { id: string; terms: BuyingPolicy; way: ApiBuyer; offer: KnownOffer },
): Promise<Order | null> {
  const { appId } = principal
  const { assetId, payee, price, fee, chainId, asset } = offer
  const fromBlock = await services.chains.get(chainId)!.blockNumber()
  const at = services.clock.now()
  const nonce = toHex(randomBytes(32))
  // whoever is paid otherwise takes no signature of ours
  const validBefore = way.payer === null ? at : new Date(at.getTime() + Math.min(offer.seconds, LONGEST) * 1000)
  const state = await inTurn(`budgets of ${appId}`, () =>
    changePurchase(services, principal, id, async (trx, row) => {
      if (row.state !== 'requested') return null
      const asked = { asset_id: assetId, payee, price, fee }
      const spending = { appId, requestedBy: row.requested_by, assetId: assetId!, amount: price + fee, at }
      const checks = await reserve(trx, terms, spending)
      if (checks.length > 0) return { ...(await refusePurchase(trx, row, checks)), ...asked }
      return {
        to: 'paying',
        ...asked,
        policy_id: terms.id,
        payer: way.payer,
        spent: price + fee,
        authorization_nonce: nonce,
        valid_before: validBefore,
        from_block: fromBlock,
        paying_at: at,
        next_attempt_at: new Date(at.getTime() + services.patience.purchase),
      }
    }),
  )
  return state === 'paying' ? { chainId, asset, nonce, validBefore, reference: null, claimed: null } : null
}
