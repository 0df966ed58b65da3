import { existsSync } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Client, createClient, pay } from '../client-sdk/index.ts'
import type { Rule } from '../server/contract/policies.ts'
import { mintUsdc } from './chain/deploy-contracts.ts'
import { PAGE, people } from './people.ts'
import type { Sandbox } from './sandbox.ts'
import { balanceOf, key, type Seed, signedIn, USDC } from './seed.ts'

const DAY = 86_400

/** What the merchant sells. The last costs more than the policy lets pass without an officer. */
const shop = [
  { title: 'Night walk in Bardia', file: 'night-walk-in-bardia', price: USDC / 2n, accessSeconds: 7 * DAY },
  { title: 'How a tiger counts to ten', file: 'how-a-tiger-counts-to-ten', price: 2n * USDC, accessSeconds: null },
  { title: 'The atlas of stripes', file: 'the-atlas-of-stripes', price: 12_250_000n, accessSeconds: 365 * DAY },
  { title: 'A year of field notes', file: 'a-year-of-field-notes', price: 250n * USDC, accessSeconds: null },
] as const

/** Which of them each visitor has bought, in this order. */
const purchases = [
  [0, 1, 2],
  [1, 0],
  [0, 2, 1],
  [2, 0],
] as const

/**
 * Fills a seeded sandbox with what a shop has in the evening of its first day, through the service's own procedures: a policy, paywalls, sales,
 * somebody on a deny list, payments that wait for an officer, and people with money. The second time it finds them there.
 *
 * @param page the origin of the app
 * @param content the folder of what it sells
 */
export async function seedExample(
  sandbox: Sandbox,
  seeded: Seed,
  { page, content }: { page: string; content: string },
): Promise<void> {
  const { appId, apiKey, assetId } = seeded
  const url = sandbox.serviceUrl
  const server = createClient({ url, apiKey })
  if (page !== PAGE) {
    const operator = createClient({ url, apiKey: sandbox.operatorKey })
    await operator.apps.update.mutate({ appId, origins: [PAGE, page] })
  }
  const [merchant, officer, reader, listed] = await Promise.all(
    (['merchant', 'officer', 'reader', 'listed reader'] as const).map((name) => signedIn(name, { url, appId })),
  )
  await Promise.all([putPolicyInForce(officer!, { url, appId, assetId }), deny(officer!, listed!)])

  const paywalls: string[] = []
  for (const { file, ...paywall } of shop) {
    const idempotencyKey = key(`paywall-${paywalls.length}`)
    const recipient = people.merchant.address
    const { id } = await merchant!.paywalls.create.mutate({ ...paywall, assetId, recipient, idempotencyKey })
    paywalls.push(id)
    await putUp(id, file, content)
  }
  await putUp(seeded.paywallId, 'the-tiger-who-came-to-pay', content)
  const visitors = await Promise.all(
    purchases.map((_, index) => server.wallets.create.mutate({ owner: `visitor-${index + 1}` })),
  )
  const officers = await officer!.wallets.open.mutate()
  const custodial = await reader!.wallets.open.mutate()
  const external = await Promise.all(
    (['reader', 'listed reader'] as const).map((name) => server.wallets.list.query({ owner: people[name].address })),
  )
  await fund(sandbox, server, assetId, [...visitors, officers, custodial, ...external.flatMap(({ items }) => items)])

  await Promise.all(
    visitors.map(async ({ id }, visitor) => {
      for (const bought of purchases[visitor]!)
        await pay(server, {
          paywallId: paywalls[bought]!,
          walletId: id,
          idempotencyKey: key(`sale-${visitor}-${bought}`),
        })
    }),
  )
  // one that an officer may decide on, and one that the officer asked for, which only the second officer may
  const large = paywalls.at(-1)!
  await server.payments.create.mutate({ paywallId: large, walletId: visitors[0]!.id, idempotencyKey: key('held') })
  await officer!.payments.create.mutate({ paywallId: large, walletId: officers.id, idempotencyKey: key('held-own') })
}

/** Puts a text of the example behind a paywall, unless there is one. */
async function putUp(paywallId: string, file: string, content: string): Promise<void> {
  const target = join(content, `${paywallId}.md`)
  if (existsSync(target)) return
  await mkdir(content, { recursive: true })
  await copyFile(new URL(`../examples/payer-tiger/content/${file}.md`, import.meta.url), target)
}

/** Puts the shop's policy in force, if none ever was: an officer asks, an operator approves. */
async function putPolicyInForce(
  officer: Client,
  { url, appId, assetId }: { url: string; appId: string; assetId: string },
): Promise<void> {
  const { items } = await officer.policies.list.query({ state: 'published' })
  if (items.length > 0) return
  const rules: Rule[] = [
    { rule: 'threshold', assetId, above: 100n * USDC, otherwise: 'review' },
    { rule: 'limit', per: 'wallet', assetId, windowSeconds: DAY, count: null, sum: 1_000n * USDC, otherwise: 'deny' },
  ]
  const draft = await officer.policies.draft.mutate({ rules, idempotencyKey: key('policy') })
  const request = { policyId: draft.id, reason: 'the shop opens', idempotencyKey: crypto.randomUUID() }
  const { id } = await officer.policies.publish.mutate(request)
  const operator = await signedIn('operator', { url, appId })
  await operator.approvals.approve.mutate({ approvalId: id })
}

/** Puts somebody on the deny list, unless they ever were. */
async function deny(officer: Client, person: Client): Promise<void> {
  const me = await person.auth.me.query()
  if (me.kind !== 'user') throw new Error('Nobody is signed in')
  const userId = me.user.id
  const { items } = await officer.lists.entries.query({ subject: `user:${userId}`, removed: true })
  if (items.length > 0) return
  await officer.lists.add.mutate({
    list: 'fraud',
    userId,
    reason: 'paid with a stolen wallet before',
    source: 'example',
  })
}

/** Mints to the wallets that hold less than a thousand USDC. */
async function fund(
  { chain }: Sandbox,
  server: Client,
  assetId: string,
  wallets: readonly { id: string; address: `0x${string}` }[],
): Promise<void> {
  const held = await Promise.all(wallets.map(({ id }) => balanceOf(server, id, assetId)))
  const poor = wallets.filter((_, index) => held[index]! < 1_000n * USDC)
  await mintUsdc(chain.url, ...poor.map(({ address }) => ({ to: address, amount: 1_000n * USDC })))
}
