import { randomUUID } from 'node:crypto'
import type { BoughtPurchase, BuyingPolicy, BuyingTerms, CreatedPurchase } from '../../server/contract/purchases.ts'
import { eventually } from './eventually.ts'
import { type Person, person } from './people.ts'
import type { World } from './world.ts'

type Terms = Partial<BuyingTerms> & { perCall?: bigint; perApp?: bigint; perPrincipal?: bigint }

/** Terms that let the world's app buy from its paid API, unless they are said to be others. */
export function termsFor(world: World, { perCall, perApp, perPrincipal, ...terms }: Terms = {}): BuyingTerms {
  const { api } = world.selling()
  const limits = {
    perCall: perCall ?? 1_000_000n,
    perApp: perApp ?? 10n ** 9n,
    perPrincipal: perPrincipal ?? 10n ** 9n,
  }
  return {
    sellers: [{ host: new URL(api.url).host, payees: [api.payee] }],
    assets: [{ assetId: world.assetId, ...limits }],
    ways: ['direct', 'httpayer'],
    windowSeconds: 86_400,
    ...terms,
  }
}

const pairs = new Map<string, Promise<{ one: Person; other: Person }>>()

/** Two operators of an app: the same two each time. */
function operatorsOf(world: World, appId: string) {
  const key = `${world.url} ${appId}`
  const known = pairs.get(key)
  if (known) return known
  const pair = Promise.all([
    person(world, { appId, roles: ['operator'] }),
    person(world, { appId, roles: ['operator'] }),
  ]).then(([one, other]) => ({ one: one!, other: other! }))
  pairs.set(key, pair)
  return pair
}

/** Has one operator set terms, and another approve them where that is needed. */
export async function setTerms(world: World, terms: BuyingTerms, appId = world.appId): Promise<BuyingPolicy> {
  const { one, other } = await operatorsOf(world, appId)
  const wish = { terms, reason: 'for a test', idempotencyKey: randomUUID() }
  const { status, text, data } = await one.mutate('purchases.setPolicy', wish)
  if (status !== 200) throw new Error(text)
  const policy = data as BuyingPolicy
  if (policy.approvalId === null) return policy
  const approval = await other.mutate('approvals.approve', { approvalId: policy.approvalId })
  if (approval.status !== 200) throw new Error(approval.text)
  return { ...policy, state: 'published' }
}

/** Another app that may buy, and its client: its budgets are its own. */
export async function anotherBuyer(world: World, terms: Terms = {}) {
  const stranger = await world.stranger()
  await setTerms(world, termsFor(world, terms), stranger.appId)
  return stranger
}

/** Buys with a key of its own. */
export const buyOf = (
  client: World['client'],
  url: string,
  more: Partial<Parameters<World['client']['purchases']['create']['mutate']>[0]> = {},
): Promise<CreatedPurchase> =>
  client.purchases.create.mutate({ url, maxPrice: 1_000_000n, idempotencyKey: randomUUID(), ...more })

/** Waits until a purchase comes to one of these states. */
export const untilBought = (
  client: World['client'],
  purchaseId: string,
  ...states: BoughtPurchase['state'][]
): Promise<BoughtPurchase> =>
  eventually(async () => {
    const purchase = await client.purchases.get.query({ purchaseId })
    if (!states.includes(purchase.state))
      throw new Error(`purchase is ${purchase.state} (${purchase.problem?.reason}), not ${states.join(' or ')}`)
    return purchase
  })
