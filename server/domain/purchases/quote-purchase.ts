import type { BuyingWay, PurchaseQuote } from '../../contract/purchases.ts'
import type { ApiRequest } from '../../gateways/api-buyer.ts'
import type { Services } from '../../services.ts'
import { type AppPrincipal, actorOf } from '../principal.ts'
import { chainName } from '../wire.ts'
import { askSeller } from './ask-seller.ts'
import { judgeBudgets } from './budgets.ts'
import { chooseWay } from './choose-way.ts'
import { cleanRequest } from './clean-request.ts'
import { chooseOffer, judgeCall, nothingToPay } from './judge.ts'
import { termsInForce } from './terms.ts'

/** A call of somebody's API. */
export interface PurchaseCall extends ApiRequest {
  way?: BuyingWay | undefined
}

/** Tells what a call would cost now and what the app's terms say to that. The API is called without a payment, if the terms name its host. */
export async function quotePurchase(
  services: Services,
  principal: AppPrincipal,
  { way: asked, maxPrice, ...call }: PurchaseCall & { maxPrice?: bigint | undefined },
): Promise<PurchaseQuote> {
  const { appId } = principal
  const request = cleanRequest(call)
  const terms = await termsInForce(services.db, appId)
  const chosen = chooseWay(services, terms, asked)
  const checks = judgeCall(terms, { url: request.url, way: chosen })
  const way = chosen ?? asked ?? 'direct'
  const none = { way, offer: null, problem: null }
  if (!terms || !chosen || checks.length > 0) return { ...none, checks, allowed: false }

  const answer = await askSeller(services, services.buyers[chosen]!, request)
  if ('problem' in answer) return { ...none, problem: answer.problem, checks, allowed: false }
  if ('free' in answer) return { ...none, checks, allowed: true }
  const choice = chooseOffer(terms, { url: request.url, maxPrice: maxPrice ?? null }, answer.offers)
  if (!choice) return { ...none, checks: [nothingToPay], allowed: false }
  const { assetId, chainId, payee, price, fee } = choice.offer
  const budgets =
    assetId === null
      ? []
      : await judgeBudgets(services.db, terms, {
          appId,
          requestedBy: actorOf(principal),
          assetId,
          amount: price + fee,
          at: services.clock.now(),
        })
  const all = [...choice.checks, ...budgets]
  const offer = { assetId, chain: chainName(chainId), payee, price, fee }
  return { way, offer, checks: all, problem: null, allowed: all.length === 0 }
}
