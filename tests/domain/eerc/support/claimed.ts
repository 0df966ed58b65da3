import type { TransactionRow } from '../../../../db/schema.ts'
import { SHARDS } from '../../../../server/domain/shard.ts'
import { claimDue } from '../../../../server/domain/transactions/claim-due.ts'
import { transactionColumns } from '../../../../server/domain/transactions/columns.ts'
import type { Services } from '../../../../server/services.ts'

/** The transaction of an operation, claimed to be worked on. */
export async function claimed(
  services: Services,
  { transactionId }: { transactionId: string },
): Promise<TransactionRow> {
  const rows = await Promise.all(Array.from({ length: SHARDS }, (_, shard) => claimDue(services, shard, 100)))
  const row = rows.flat().find(({ id }) => id === transactionId)
  if (!row) throw new Error(`Nothing is to be done for the transaction ${transactionId}`)
  return row
}

export const rowOf = ({ db }: Services, { id }: { id: string }): Promise<TransactionRow> =>
  db.selectFrom('transaction').select(transactionColumns).where('id', '=', id).executeTakeFirstOrThrow()
