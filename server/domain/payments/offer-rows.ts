import { type Kysely, sql } from 'kysely'
import { coalesce } from '../../../db/coalesce.ts'
import type { Database } from '../../../db/schema.ts'
import { atomically, reading } from '../../../db/transaction.ts'
import type { Clock } from '../../services.ts'
import type { Intention } from '../idempotency.ts'

/** Which paywall of an app is to be paid from which wallet; with the intention, when it is more than a question. */
export interface OfferQuestion {
  appId: string
  paywallId: string
  walletId: string
  /** Whose the wallet must be; null for the app's servers, which pay from any custodial one. */
  userId: string | null
  intention: Intention | null
}

/** What the database knows about it. `payer` is null for a wallet that is not the app's, or not the user's. */
export interface OfferRow {
  version: bigint
  price: bigint
  recipient: string
  open: boolean
  asset_id: string
  chain_id: bigint
  token: string
  symbol: string
  decimals: number
  payer: string | null
  /** Whose wallet it is. */
  payer_user: string | null
  /** Whether its owner signs. */
  is_external: boolean
  /** Of the app. */
  rules_version: bigint
  /** Of an earlier call with the intention's key. */
  request_hash: Buffer | null
  resource_id: string | null
}

/** Reads what offers are made of, one statement for all that are asked for at a time. Undefined: no such paywall in the app. */
export type OfferRows = (question: OfferQuestion) => Promise<OfferRow | undefined>

export const offerRows = (db: Kysely<Database>, clock: Clock): OfferRows =>
  coalesce(async (questions: OfferQuestion[]) => {
    const column = <T>(of: (question: OfferQuestion) => T) => questions.map(of)
    const { rows } = await atomically(
      db,
      (one) =>
        sql<OfferRow & { n: number }>`/* prepared: read-offers */
      select q.n, paywall.version, paywall.price, paywall.recipient, paywall.asset_id,
        paywall.state = 'open' and (paywall.expires_at is null or paywall.expires_at > ${clock.now()}::timestamptz) as open,
        asset.chain_id, asset.address as token, asset.symbol, asset.decimals, wallet.address as payer, wallet.user_id as payer_user,
        coalesce(wallet.kind = 'external', false) as is_external,
        list_version.version as rules_version,
        idempotency.request_hash, idempotency.resource_id
      from unnest(${questions.map((_, n) => n)}::int4[], ${column((q) => q.appId)}::uuid[], ${column((q) => q.paywallId)}::uuid[],
          ${column((q) => q.walletId)}::uuid[], ${column((q) => q.userId)}::uuid[], ${column((q) => q.intention?.subject ?? null)}::text[],
          ${column((q) => q.intention?.procedure ?? null)}::text[], ${column((q) => q.intention?.key ?? null)}::text[])
        as q (n, app_id, paywall_id, wallet_id, user_id, subject, procedure, key)
      join paywall on paywall.id = q.paywall_id and paywall.app_id = q.app_id
      join asset on asset.id = paywall.asset_id
      join list_version on list_version.app_id = q.app_id
      left join wallet on wallet.id = q.wallet_id and wallet.app_id = q.app_id and (
        wallet.kind = 'custodial' and (q.user_id is null or wallet.user_id = q.user_id)
        or wallet.kind = 'external' and wallet.user_id = q.user_id)
      left join idempotency on idempotency.app_id = q.app_id and idempotency.subject = q.subject
        and idempotency.procedure = q.procedure and idempotency.key = q.key`.execute(one),
      reading,
    )
    return new Map(rows.map(({ n, ...row }) => [questions[n]!, row]))
  })
