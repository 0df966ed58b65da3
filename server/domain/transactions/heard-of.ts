import { atomically } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'

/** How the outside may name a transaction of ours: by the provider's id, or by what the chain shows. */
export type Hint =
  | { provider: 'crossmint' | 'local'; reference: string }
  | { userOperationHash: string; transactionHash: string }
  | { transactionHash: string }

/**
 * Something outside says that a transaction may have moved: makes it due, so that it is looked at now. A hint changes nothing
 * else. Answers with the transactions it was about.
 */
export async function heardOf(services: Services, hint: Hint): Promise<string[]> {
  const now = services.clock.now()
  const rows = await atomically(
    services.db,
    (db) => {
      const due = db
        .updateTable('transaction')
        .set({ next_attempt_at: now })
        .where('state', 'in', ['submitting', 'submitted', 'attention', 'failed'])
      const known =
        'reference' in hint
          ? due.where('provider', '=', hint.provider).where('reference', '=', hint.reference)
          : 'userOperationHash' in hint
            ? due
                .set({ transaction_hash: hint.transactionHash })
                .where('user_operation_hash', '=', hint.userOperationHash)
            : due.where('transaction_hash', '=', hint.transactionHash)
      return known.returning('id').execute()
    },
    { idempotent: true },
  )
  for (const { id } of rows) services.nudge.transaction(id)
  return rows.map(({ id }) => id)
}

/** The transactions that the outside speaks of, whatever their state: also those that nothing is left to do for. */
export async function namedBy(
  { db }: Pick<Services, 'db'>,
  provider: 'crossmint' | 'local',
  { reference, transactionHash }: { reference: string | null; transactionHash: string | null },
): Promise<string[]> {
  const rows = await db
    .selectFrom('transaction')
    .select('id')
    .where(({ or, and, eb }) =>
      or([
        ...(reference ? [and([eb('provider', '=', provider), eb('reference', '=', reference)])] : []),
        ...(transactionHash ? [eb('transaction_hash', '=', transactionHash)] : []),
      ]),
    )
    .execute()
  return rows.map(({ id }) => id)
}

/** A block shows that these user operations ended: makes due those that are ours. A public chain carries many others. */
export async function heardOfOperations(
  services: Services,
  operations: readonly { userOperationHash: string; transactionHash: string }[],
): Promise<void> {
  if (operations.length === 0) return
  const ours = await services.db
    .selectFrom('transaction')
    .select('user_operation_hash')
    .where(
      'user_operation_hash',
      'in',
      operations.map(({ userOperationHash }) => userOperationHash),
    )
    .execute()
  const hashes = new Set(ours.map((row) => row.user_operation_hash))
  await Promise.all(
    operations
      .filter(({ userOperationHash }) => hashes.has(userOperationHash))
      .map((operation) => heardOf(services, operation)),
  )
}
