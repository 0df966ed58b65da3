import { type Kysely, sql } from 'kysely'
import { coalesce } from '../../../db/coalesce.ts'
import type { Database } from '../../../db/schema.ts'
import { atomically, reading } from '../../../db/transaction.ts'

/** Which wallet of an app is to pay in which asset. */
export interface IntentQuestion {
  appId: string
  walletId: string
  /** Whose the wallet must be; null for who sees any of the app's. */
  userId: string | null
  assetId: string
}

/** What the database knows about it. `payer` is null for a wallet that is not the app's, or not the user's. */
export interface IntentRow {
  payer: string | null
  /** Whose wallet it is. */
  payer_user: string | null
  /** Whether there is such an asset. */
  asset_known: boolean
  /** Of the app. */
  rules_version: bigint
}

/** Reads what intents name, one statement for all that are asked for at a time. */
export type IntentRows = (question: IntentQuestion) => Promise<IntentRow>

export function intentRows(db: Kysely<Database>): IntentRows {
  const read = coalesce(async (questions: IntentQuestion[]) => {
    const { rows } = await atomically(
      db,
      (one) =>
        sql<IntentRow & { n: number }>`/* prepared: read-intents */
          select q.n, wallet.address as payer, wallet.user_id as payer_user, asset.id is not null as asset_known,
            list_version.version as rules_version
          from unnest(${questions.map((_, n) => n)}::int4[], ${questions.map(({ appId }) => appId)}::uuid[],
              ${questions.map(({ walletId }) => walletId)}::uuid[], ${questions.map(({ userId }) => userId)}::uuid[],
              ${questions.map(({ assetId }) => assetId)}::uuid[])
            as q (n, app_id, wallet_id, user_id, asset_id)
          join list_version on list_version.app_id = q.app_id
          left join wallet on wallet.id = q.wallet_id and wallet.app_id = q.app_id
            and (q.user_id is null or wallet.user_id = q.user_id)
          left join asset on asset.id = q.asset_id`.execute(one),
      reading,
    )
    return new Map(rows.map(({ n, ...row }) => [questions[n]!, row]))
  })
  return async (question) => (await read(question))!
}
