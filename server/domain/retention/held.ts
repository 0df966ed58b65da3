import { type RawBuilder, type SqlBool, sql } from 'kysely'

/**
 * Whether a hold stands on one of these objects, as part of the very statement that deletes: a hold that is placed meanwhile is seen by
 * it, or comes after it.
 */
export const isHeld = (...ids: string[]): RawBuilder<SqlBool> =>
  sql<SqlBool>`exists (
    select 1 from hold where hold.released_at is null and hold.object_id in (${sql.join(ids.map((id) => sql.ref(id)))})
  )`

/**
 * Whether a hold stands on what a webhook was about: a transaction's app, wallet, user or payment. Of one that was not looked into
 * nobody knows; it is kept while there is any hold.
 */
export const isHeldWebhook: RawBuilder<SqlBool> = sql<SqlBool>`exists (
    select 1 from hold
      join transaction on transaction.id = any(webhook_inbox.transaction_ids)
      left join payment on payment.transaction_id = transaction.id
      left join wallet on wallet.id = transaction.wallet_id
    where hold.released_at is null
      and hold.object_id in (transaction.app_id, transaction.wallet_id, payment.id, wallet.user_id)
  ) or (webhook_inbox.transaction_ids is null and exists (select 1 from hold where hold.released_at is null))`
