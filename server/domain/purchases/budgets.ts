import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { BuyingCheck, BuyingTerms } from '../../contract/purchases.ts'
import { type Buckets, usageOf, withCorrection, withPayment } from '../compliance/usage.ts'

/** What is to be spent, and by whom. */
export interface Spending {
  appId: string
  /** Who asked for it, such as `key:…`. */
  requestedBy: string
  assetId: string
  /** In base units. */
  amount: bigint
  /** When it was reserved. */
  at: Date
}

const keysOf = ({ requestedBy, assetId }: Spending, { windowSeconds }: BuyingTerms) => ({
  app: `buying ${assetId} ${windowSeconds}`,
  principal: `buying ${requestedBy} ${assetId} ${windowSeconds}`,
})

/**
 * Reserves an amount in the budgets of the app and of whoever asks, in the commit that makes it payable. Answers with what stands against
 * it; nothing is reserved then.
 */
export async function reserve(trx: Kysely<Database>, terms: BuyingTerms, spending: Spending): Promise<BuyingCheck[]> {
  const { windowSeconds } = terms
  const limits = terms.assets.find(({ assetId }) => assetId === spending.assetId)
  const keys = keysOf(spending, terms)
  const meters = await readMeters(trx, spending.appId, Object.values(keys))
  const checks = room(meters, { keys, limits, windowSeconds }, spending)
  if (checks.length > 0) return checks
  for (const key of Object.values(keys)) {
    const buckets = withPayment(meters.get(key) ?? [], windowSeconds, spending.at, spending.amount)
    await writeMeter(trx, { appId: spending.appId, key, isNew: !meters.has(key), buckets })
  }
  return []
}

/** What would stand against spending now. Nothing is reserved. */
export async function judgeBudgets(
  db: Kysely<Database>,
  terms: BuyingTerms,
  spending: Spending,
): Promise<BuyingCheck[]> {
  const limits = terms.assets.find(({ assetId }) => assetId === spending.assetId)
  const keys = keysOf(spending, terms)
  const meters = await readMeters(db, spending.appId, Object.values(keys))
  return room(meters, { keys, limits, windowSeconds: terms.windowSeconds }, spending)
}

/** Changes what was reserved to what was spent: `spending` as it was reserved. */
export async function settleBudgets(
  trx: Kysely<Database>,
  terms: BuyingTerms,
  spending: Spending,
  spent: bigint,
): Promise<void> {
  if (spent === spending.amount) return
  const keys = Object.values(keysOf(spending, terms))
  const meters = await readMeters(trx, spending.appId, keys)
  for (const key of keys) {
    const before = meters.get(key) ?? []
    const buckets = withCorrection(before, terms.windowSeconds, spending.at, spent - spending.amount)
    await writeMeter(trx, { appId: spending.appId, key, isNew: false, buckets })
  }
}

function room(
  meters: ReadonlyMap<string, Buckets>,
  {
    keys,
    limits,
    windowSeconds,
  }: {
    keys: ReturnType<typeof keysOf>
    limits: BuyingTerms['assets'][number] | undefined
    windowSeconds: number
  },
  { amount, at }: Spending,
): BuyingCheck[] {
  if (!limits) return []
  const left = (key: string, most: bigint) => most - usageOf(meters.get(key) ?? [], windowSeconds, at).sum
  const budgets = [
    { rule: 'app' as const, whose: 'the app', left: left(keys.app, limits.perApp) },
    { rule: 'principal' as const, whose: 'whoever asks', left: left(keys.principal, limits.perPrincipal) },
  ]
  return budgets
    .filter((budget) => budget.left < amount)
    .map(({ rule, whose, left }) => ({
      rule,
      message: `It costs ${amount} base units, and the budget of ${whose} has ${left > 0n ? left : 0n} left.`,
      remedy: `Ask again when what was spent lies ${windowSeconds} seconds back, or have an operator raise the budget with purchases.setPolicy.`,
    }))
}

async function readMeters(db: Kysely<Database>, appId: string, keys: readonly string[]): Promise<Map<string, Buckets>> {
  const rows = await db
    .selectFrom('meter')
    .select(['key', 'buckets'])
    .where('app_id', '=', appId)
    .where('key', 'in', [...keys])
    .execute()
  return new Map(rows.map(({ key, buckets }) => [key, buckets]))
}

/** Writes one as it is to be: the transaction is serializable, so that it is what was read that changes. */
async function writeMeter(
  trx: Kysely<Database>,
  { appId, key, isNew, buckets }: { appId: string; key: string; isNew: boolean; buckets: Buckets },
): Promise<void> {
  const written = JSON.stringify(buckets)
  if (isNew) await trx.insertInto('meter').values({ app_id: appId, key, version: 1n, buckets: written }).execute()
  else
    await trx
      .updateTable('meter')
      .set((of) => ({ version: of('version', '+', 1n), buckets: written }))
      .where('app_id', '=', appId)
      .where('key', '=', key)
      .execute()
}
