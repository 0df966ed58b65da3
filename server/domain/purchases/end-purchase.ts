import type { Kysely } from 'kysely'
import type { Database, PurchaseRow } from '../../../db/schema.ts'
import type { BuyingCheck, PurchaseProblem } from '../../contract/purchases.ts'
import { settleBudgets } from './budgets.ts'
import type { Move } from './change-purchase.ts'
import { buyingPolicyColumns, buyingPolicyOf } from './terms.ts'

/** Ends a purchase: its budgets keep what was spent, and nothing of what was not. For the transaction that changes it. */
export async function endPurchase(
  trx: Kysely<Database>,
  row: PurchaseRow,
  end: {
    to: 'completed' | 'failed' | 'refused'
    spent: bigint
    transaction?: string
    problem?: PurchaseProblem
    checks?: readonly BuyingCheck[]
  },
): Promise<Move> {
  if (row.policy_id !== null && row.asset_id !== null && row.paying_at !== null && end.spent !== row.spent) {
    const policy = await trx
      .selectFrom('buying_policy')
      .select(buyingPolicyColumns)
      .where('id', '=', row.policy_id)
      .executeTakeFirstOrThrow()
    await settleBudgets(
      trx,
      buyingPolicyOf(policy),
      {
        appId: row.app_id,
        requestedBy: row.requested_by,
        assetId: row.asset_id,
        amount: row.spent,
        at: row.paying_at,
      },
      end.spent,
    )
  }
  return {
    to: end.to,
    spent: end.spent,
    next_attempt_at: null,
    failure_reason: end.problem?.reason ?? null,
    failure_message: end.problem?.message ?? null,
    ...(end.transaction !== undefined && { transaction_hash: end.transaction }),
    ...(end.checks && { checks: JSON.stringify(end.checks) }),
  }
}

/** Ends a purchase that the terms or the budgets do not allow. */
export const refusePurchase = (
  trx: Kysely<Database>,
  row: PurchaseRow,
  checks: readonly BuyingCheck[],
): Promise<Move> => {
  const [{ rule: reason, message }] = checks as [BuyingCheck]
  return endPurchase(trx, row, { to: 'refused', spent: 0n, checks, problem: { reason, message } })
}
