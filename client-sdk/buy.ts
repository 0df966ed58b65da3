import type { BuyingWay, CreatedPurchase, HttpMethod } from '../server/contract/purchases.ts'
import { type Client, persistent } from './client.ts'
import { pause } from './pause.ts'

export interface BuyOptions {
  url: string
  method?: HttpMethod
  headers?: Record<string, string>
  body?: string | null
  /** By default the first that the app's terms allow. */
  way?: BuyingWay
  /** The most that it may cost with everything, in base units of whatever asset the seller takes. */
  maxPrice: bigint
  /** One per intention to buy, kept across retries. Made here if you give none. */
  idempotencyKey?: string
  /** Gives up waiting, not buying: the same key finds the purchase again. */
  signal?: AbortSignal
}

const FIRST_WAIT = 200
const LONGEST_WAIT = 5_000

/**
 * Buys one call of a paid API and resolves when it is known what became of it. A call whose answer is lost is repeated with the same
 * idempotency key, so that it never pays twice.
 *
 * Look at `state`: of a `completed` one `answer` is what the API said; of others, and of one whose answer was lost, `problem` says why there is
 * none.
 *
 * @throws ProviderServiceError: what the service refused, such as `PURCHASE_REFUSED` with `details.checks`
 *
 * @example
 * const { answer } = await buy(client, { url: 'https://api.example.com/weather?city=Graz', maxPrice: 20_000n })
 * if (answer?.status === 200) console.log(JSON.parse(answer.body))
 */
export async function buy(client: Client, options: BuyOptions): Promise<CreatedPurchase> {
  const { signal, idempotencyKey = crypto.randomUUID(), ...call } = options
  const context = { signal, context: persistent }
  let purchase = await client.purchases.create.mutate({ ...call, idempotencyKey }, context)
  const { id: purchaseId, replayed } = purchase
  for (let wait = FIRST_WAIT; purchase.state === 'paying'; wait = Math.min(LONGEST_WAIT, wait * 1.5)) {
    await pause(wait, signal)
    purchase = { ...(await client.purchases.get.query({ purchaseId }, context)), replayed }
  }
  return purchase
}
