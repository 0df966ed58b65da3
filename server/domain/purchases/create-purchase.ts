import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { BuyingCheck, BuyingPolicy, CreatedPurchase, PurchaseState } from '../../contract/purchases.ts'
import type { ApiBuyer, ApiRequest } from '../../gateways/api-buyer.ts'
import type { Services } from '../../services.ts'
import { append, emptyTrail } from '../audit/trail.ts'
import { DomainError } from '../domain-error.ts'
import { earlier, intentionOf, once } from '../idempotency.ts'
import { type AppPrincipal, actorOf } from '../principal.ts'
import { shardOf } from '../shard.ts'
import { askSeller } from './ask-seller.ts'
import { changePurchase, purchaseStep } from './change-purchase.ts'
import { chooseWay } from './choose-way.ts'
import { cleanRequest, shownUrl } from './clean-request.ts'
import { endPurchase, refusePurchase } from './end-purchase.ts'
import { followPurchase } from './follow-purchase.ts'
import { getPurchase } from './get-purchase.ts'
import { chooseOffer, judgeCall, nothingToPay } from './judge.ts'
import { insertAnswer, keepOutcome } from './keep-outcome.ts'
import { placeOrder } from './place-order.ts'
import type { PurchaseCall } from './quote-purchase.ts'
import { termsInForce } from './terms.ts'

/** A call of somebody's API, to be paid for. `maxPrice` is the most for all of it, in base units of whatever asset the seller takes. */
export interface NewPurchase extends PurchaseCall {
  maxPrice: bigint
  idempotencyKey: string
}

/** Milliseconds between the looks at what became of a payment while its caller waits. */
const looks = [0, 100, 200, 400, 800, 1_600]

/**
 * Buys one call of somebody's paid API: asks what it costs, holds that against the app's terms, reserves it in the budgets, makes the call and
 * pays for it, once, and proves on the chain what was paid. The row is written before anybody is called.
 *
 * The same `idempotencyKey` answers with the first purchase, and never pays again. One that is still `paying`, or needs attention, is answered
 * as it is: `purchases.get` tells what becomes of it.
 *
 * @throws PURCHASE_REFUSED (details: `checks`), PURCHASE_UNDER_WAY, IDEMPOTENCY_MISMATCH
 */
export async function createPurchase(
  services: Services,
  principal: AppPrincipal,
  input: NewPurchase,
): Promise<CreatedPurchase> {
  const { appId } = principal
  const { way: asked, maxPrice, idempotencyKey: _, ...call } = input
  const intention = intentionOf(principal, 'purchases.create', { ...input })
  const known = await earlier(services.db, intention)
  if (known) return answerWith(services, principal, known, true)

  const request = cleanRequest(call)
  const terms = await termsInForce(services.db, appId)
  const way = chooseWay(services, terms, asked)
  const checks = judgeCall(terms, { url: request.url, way })
  const { id, replayed } = await once(services, intention, (trx, purchaseId) =>
    insertPurchase(trx, services, principal, { id: purchaseId, request, way: way ?? asked ?? 'direct', checks }),
  )
  if (!replayed && checks.length === 0)
    await buy(services, principal, { id, request, terms: terms!, way: services.buyers[way!]!, maxPrice })
  return answerWith(services, principal, id, replayed)
}

async function answerWith(
  services: Services,
  principal: AppPrincipal,
  purchaseId: string,
  replayed: boolean,
): Promise<CreatedPurchase> {
  const purchase = await getPurchase(services, principal, { purchaseId })
  const { state, checks } = purchase
  if (state === 'refused')
    throw new DomainError('PURCHASE_REFUSED', `It is not bought: ${checks.map(({ message }) => message).join(' ')}`, {
      purchaseId,
      checks,
    })
  if (replayed && (state === 'requested' || state === 'paying'))
    throw new DomainError(
      'PURCHASE_UNDER_WAY',
      'This purchase is being made. Ask for it with purchases.get, or repeat the call with the same idempotency key.',
      { purchaseId },
    )
  return { ...purchase, replayed }
}

async function insertPurchase(
  trx: Kysely<Database>,
  services: Services,
  principal: AppPrincipal,
  { id, request, way, checks }: { id: string; request: ApiRequest; way: ApiBuyer['way']; checks: BuyingCheck[] },
): Promise<void> {
  const at = services.clock.now()
  const refusal = checks[0]
  const row = {
    requested_by: actorOf(principal),
    way,
    method: request.method,
    url: shownUrl(request.url),
    asset_id: null,
    payee: null,
    price: null,
    fee: null,
    spent: 0n,
    transaction_hash: null,
    failure_reason: refusal?.rule ?? null,
    failure_message: refusal?.message ?? null,
  }
  const state = refusal ? 'refused' : 'requested'
  const step = purchaseStep(emptyTrail, { id, appId: principal.appId, principal, state, at, row })
  await trx
    .insertInto('purchase')
    .values({
      id,
      app_id: principal.appId,
      ...row,
      state,
      checks: JSON.stringify(checks),
      created_at: at,
      updated_at: at,
      shard: shardOf(id),
      // whoever has asked is at work until then
      next_attempt_at: refusal ? null : new Date(at.getTime() + services.patience.purchase),
      attempts: 0,
      ...step.head,
    })
    .execute()
  await append(trx, step)
}

interface Buying {
  id: string
  request: ApiRequest
  terms: BuyingPolicy
  way: ApiBuyer
  maxPrice: bigint
}

/** From the asking to what became of it. Ended at any point by a crash, it is looked up, and not done again. */
async function buy(services: Services, principal: AppPrincipal, buying: Buying): Promise<void> {
  const { id, request, terms, way, maxPrice } = buying
  const asked = await askSeller(services, way, request)
  if ('problem' in asked) {
    await changePurchase(services, principal, id, (trx, row) =>
      endPurchase(trx, row, { to: 'failed', spent: 0n, problem: asked.problem }),
    )
    return
  }
  if ('free' in asked) {
    await changePurchase(services, principal, id, async (trx, row) => {
      if (row.state !== 'requested') return null
      await insertAnswer(trx, services, id, asked.free)
      return endPurchase(trx, row, { to: 'completed', spent: 0n })
    })
    return
  }
  const choice = chooseOffer(terms, { url: request.url, maxPrice }, asked.offers)
  if (!choice || choice.checks.length > 0) {
    const checks = choice?.checks ?? [nothingToPay]
    await changePurchase(services, principal, id, (trx, row) => refusePurchase(trx, row, checks))
    return
  }
  const order = await placeOrder(services, principal, { id, terms, way, offer: choice.offer })
  if (!order) return
  await keepOutcome(services, principal, id, await way.pay(request, choice.offer, order))
  for (const pause of looks) {
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
    const state = await followPurchase(services, id).catch((error): PurchaseState => {
      services.log.warn({ err: error, purchaseId: id }, 'what became of a purchase could not be seen; it is looked for')
      return 'paying'
    })
    if (state !== 'paying') return
  }
}
