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
  /** The most that it may cost with everything, in base units of the asset. */
  maxPrice: bigint
  /** One per intention to buy, kept across retries. Made here if you give none. */
  idempotencyKey?: string
  /** Gives up waiting, not buying: the same key finds the purchase again. */
  signal?: AbortSignal
}

const FIRST_WAIT = 200
const LONGEST_WAIT = 5_000

/**
 * Buys one call of a paid API and resolves when it is known what became of it. However often it is repeated, one key pays once.
 *
 * Of a `completed` one `answer` is what the API said; where there is none, `problem` says why.
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
