import type { Kysely } from 'kysely'
import type { Database, TransactionRow } from '../../../db/schema.ts'
import type { OperationRelease } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import type { Asked } from '../approvals/actions.ts'
import { DomainError } from '../domain-error.ts'
import type { Principal } from '../principal.ts'
import { advanceWithin, type Move } from '../transactions/advance.ts'
import { transactionColumns } from '../transactions/columns.ts'

/**
 * Lets an operation go, in the commit of its approval. What the rules, the chain and the token say by then is asked before it is submitted.
 *
 * @throws REQUEST_VOID once it no longer is held; NEEDS_ANOTHER_PERSON for whose wallet it is from
 */
export async function releaseOperation(
  trx: Kysely<Database>,
  services: Services,
  approver: Principal,
  { approvalId, action: { operationId } }: Asked<OperationRelease>,
): Promise<void> {
  await requireAnother(trx, approver, operationId)
  const released = await moveHeld(trx, services, operationId, {
    to: 'queued',
    principal: approver,
    data: { approval: approvalId },
    nextAttemptAt: services.clock.now(),
  })
  if (!released)
    throw new DomainError(
      'REQUEST_VOID',
      'This operation was taken back or refused since it was asked for. Read it with eerc.get; if it is still wanted, ask for it anew.',
    )
}

/** Whose wallet moves something may have had the app ask for it. @throws NEEDS_ANOTHER_PERSON */
async function requireAnother(trx: Kysely<Database>, approver: Principal, operationId: string): Promise<void> {
  if (approver.kind !== 'user') return
  const own = await trx
    .selectFrom('eerc_operation')
    .innerJoin('wallet', 'wallet.id', 'eerc_operation.wallet_id')
    .select('wallet.id')
    .where('eerc_operation.id', '=', operationId)
    .where('wallet.user_id', '=', approver.userId)
    .executeTakeFirst()
  if (own)
    throw new DomainError(
      'NEEDS_ANOTHER_PERSON',
      'This operation is from a wallet of yours, so somebody else decides on it: another compliance officer or operator.',
    )
}

/** Ends an operation whose approval was refused, or has expired. */
export async function dropOperation(
  trx: Kysely<Database>,
  services: Services,
  by: Principal,
  { approvalId, action: { operationId } }: Asked<OperationRelease>,
): Promise<void> {
  const isLate = by.kind === 'system'
  await moveHeld(trx, services, operationId, {
    to: isLate ? 'expired' : 'refused',
    principal: by,
    facts: isLate
      ? { failure_reason: 'APPROVAL_EXPIRED', failure_message: 'Nobody else approved it in time.' }
      : { failure_reason: 'APPROVAL_REJECTED', failure_message: 'The second person decided against it.' },
    data: { approval: approvalId },
    nextAttemptAt: null,
  })
}

/** Whoever is nudged looks at what is committed. */
export function wakeOperation({ nudge }: Services, { action: { transactionId } }: Asked<OperationRelease>): void {
  nudge.transaction(transactionId)
}

async function moveHeld(
  trx: Kysely<Database>,
  services: Services,
  operationId: string,
  move: Move,
): Promise<TransactionRow | null> {
  const held = await trx
    .selectFrom('transaction')
    .innerJoin('eerc_operation', 'eerc_operation.transaction_id', 'transaction.id')
    .select(transactionColumns.map((column) => `transaction.${column}` as const))
    .where('eerc_operation.id', '=', operationId)
    .where('transaction.state', '=', 'held')
    .executeTakeFirst()
  return held ? advanceWithin(trx, services, held, move) : null
}
