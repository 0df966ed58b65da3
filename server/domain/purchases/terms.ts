import type { Kysely } from 'kysely'
import type { BuyingPolicyRow, Database } from '../../../db/schema.ts'
import type { BuyingPolicy, BuyingTerms } from '../../contract/purchases.ts'

export const buyingPolicyColumns = [
  'id',
  'number',
  'state',
  'terms',
  'approval_id',
  'created_at',
  'published_at',
] as const

type Row = Pick<BuyingPolicyRow, (typeof buyingPolicyColumns)[number]>

/** A version of the terms as its clients see it. */
export const buyingPolicyOf = (row: Row): BuyingPolicy => ({
  ...readTerms(row.terms),
  id: row.id,
  version: row.number,
  state: row.state,
  approvalId: row.approval_id,
  createdAt: row.created_at,
  publishedAt: row.published_at,
})

/** Terms as a row keeps them: amounts in decimal. */
export const writeTerms = (terms: BuyingTerms): string =>
  JSON.stringify(terms, (_, value) => (typeof value === 'bigint' ? String(value) : value))

/** They were checked when they were stored, and never change. */
function readTerms(stored: Record<string, unknown>): BuyingTerms {
  const terms = stored as unknown as BuyingTerms
  return {
    ...terms,
    assets: terms.assets.map(({ assetId, perCall, perApp, perPrincipal }) => ({
      assetId,
      perCall: BigInt(perCall),
      perApp: BigInt(perApp),
      perPrincipal: BigInt(perPrincipal),
    })),
  }
}

/** The terms that are in force. */
export async function termsInForce(db: Kysely<Database>, appId: string): Promise<BuyingPolicy | null> {
  const row = await db
    .selectFrom('buying_policy')
    .select(buyingPolicyColumns)
    .where('app_id', '=', appId)
    .where('state', '=', 'published')
    .executeTakeFirst()
  return row ? buyingPolicyOf(row) : null
}

/**
 * Whether terms allow nothing that others do not: no further host, payee, asset or way, no higher limit, and the same window, for a
 * budget over another one is neither more nor less.
 */
export function isWithin(terms: BuyingTerms, others: BuyingTerms): boolean {
  const sameWindow = terms.assets.length === 0 || terms.windowSeconds === others.windowSeconds
  return (
    sameWindow &&
    terms.ways.every((way) => others.ways.includes(way)) &&
    terms.sellers.every(({ host, payees }) => {
      const before = others.sellers.find((seller) => seller.host === host)
      return before !== undefined && payees.every((payee) => before.payees.includes(payee))
    }) &&
    terms.assets.every((asset) => {
      const before = others.assets.find(({ assetId }) => assetId === asset.assetId)
      return (
        before !== undefined &&
        asset.perCall <= before.perCall &&
        asset.perApp <= before.perApp &&
        asset.perPrincipal <= before.perPrincipal
      )
    })
  )
}
