import { type Kysely, sql } from 'kysely'
import { coalesce } from '../../../db/coalesce.ts'
import type { Database } from '../../../db/schema.ts'
import { atomically, reading } from '../../../db/transaction.ts'
import type { Clock } from '../../services.ts'

/** A paywall that somebody wants to see, and with what they want to pay it; empty texts where they do not yet. */
export interface SaleQuestion {
  paywallId: string
  payer: string
  nonce: string
  identifier: string
}

/** What the database knows about it. */
export interface SaleRow {
  paywall_id: string
  app_id: string
  title: string
  version: bigint
  price: bigint
  recipient: string
  open: boolean
  asset_id: string
  chain_id: bigint
  token: string
  symbol: string
  decimals: number
  /** Of the app. */
  rules_version: bigint
  /** The payer's, if the app knows it. */
  wallet_id: string | null
  payer_user: string | null
  /** The payment that the authorization is already, and where. */
  taken_payment: string | null
  taken_paywall: string | null
  taken_hash: Buffer | null
  /** What the payer has called by this identifier before. */
  named_hash: Buffer | null
}

/** Reads what is for sale, one statement for all that are asked for at a time. Undefined: no such paywall. */
export type SaleRows = (question: SaleQuestion) => Promise<SaleRow | undefined>

export const saleRows = (db: Kysely<Database>, clock: Clock): SaleRows =>
  coalesce(async (questions: SaleQuestion[]) => {
    const column = (of: (question: SaleQuestion) => string) => questions.map(of)
    const { rows } = await atomically(
      db,
      (one) =>
        sql<SaleRow & { n: number }>`/* prepared: read-sales */
      select q.n, q.paywall_id, paywall.app_id, paywall.title, paywall.version, paywall.price, paywall.recipient, paywall.asset_id,
        paywall.state = 'open' and (paywall.expires_at is null or paywall.expires_at > ${clock.now()}::timestamptz) as open,
        asset.chain_id, asset.address as token, asset.symbol, asset.decimals, list_version.version as rules_version,
        wallet.id as wallet_id, wallet.user_id as payer_user,
        taken.payment_id as taken_payment, taken.paywall_id as taken_paywall, taken.payload_hash as taken_hash,
        named.payload_hash as named_hash
      from unnest(${questions.map((_, n) => n)}::int4[], ${column((q) => q.paywallId)}::uuid[], ${column((q) => q.payer)}::text[],
          ${column((q) => q.nonce)}::text[], ${column((q) => q.identifier)}::text[]) as q (n, paywall_id, payer, nonce, identifier)
      join paywall on paywall.id = q.paywall_id
      join asset on asset.id = paywall.asset_id
      join list_version on list_version.app_id = paywall.app_id
      left join wallet on wallet.app_id = paywall.app_id and wallet.address = q.payer
      left join x402_payment as taken on taken.chain_id = asset.chain_id and taken.token = asset.address
        and taken.payer = q.payer and taken.nonce = q.nonce
      left join x402_payment as named on named.app_id = paywall.app_id and named.payer = q.payer
        and named.identifier = q.identifier`.execute(one),
      reading,
    )
    return new Map(rows.map(({ n, ...row }) => [questions[n]!, row]))
  })
