import { type Expression, type SqlBool, sql } from 'kysely'

/** Whether a payment or an access came from a wallet of a user, or went to a paywall of theirs. */
export const boughtOrSoldBy = (userId: string, table: 'payment' | 'access'): Expression<SqlBool> => sql<SqlBool>`(
  exists (select 1 from wallet where wallet.id = ${sql.table(table)}.wallet_id and wallet.user_id = ${userId})
  or exists (select 1 from paywall where paywall.id = ${sql.table(table)}.paywall_id and paywall.merchant_id = ${userId}))`
