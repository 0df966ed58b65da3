import type { Transaction } from 'kysely'
import type { Database, PaymentRow, TransactionRow } from '../../../db/schema.ts'
import { transaction as inTransaction } from '../../../db/transaction.ts'
import type { EventType } from '../../contract/events.ts'
import type { Services } from '../../services.ts'
import { grantAccess } from '../access/grant-access.ts'
import { revokeAccess } from '../access/revoke-access.ts'
import { append, nextStep } from '../audit/trail.ts'
import { paymentStates } from '../payments/states.ts'
import type { Principal } from '../principal.ts'
import { mayBecome } from '../states.ts'
import { paymentStateOf, type TransactionState, transactionStates } from './states.ts'
import { wakeNextInWallet } from './wake-next-in-wallet.ts'

/** What a move learns about a transaction. What is absent stays as it was. */
export type Facts = Partial<
  Pick<
    TransactionRow,
    | 'reference'
    | 'user_operation_hash'
    | 'transaction_hash'
    | 'block_number'
    | 'block_hash'
    | 'log_index'
    | 'failure_reason'
    | 'failure_message'
    | 'submitting_since'
  >
>

export interface Move {
  to: TransactionState
  principal: Principal
  facts?: Facts
  /** When it is to be looked at again; null is never. */
  nextAttemptAt: Date | null
  /** Further work of the same commit; answering false takes the move back. */
  guard?: (trx: Transaction<Database>) => Promise<boolean>
}

/**
 * Moves a transaction, and the payment it serves, to their next states: rows, access, audit leaf and event in one commit.
 *
 * Answers with the moved row, or null if somebody else moved it first or the guard said no; then nothing was written.
 */
export async function advance(services: Services, from: TransactionRow, move: Move): Promise<TransactionRow | null> {
  if (!mayBecome(transactionStates, from.state, move.to))
    throw new Error(`transaction ${from.id}: ${from.state} cannot become ${move.to}`)
  const { moved, payment } = await inTransaction(
    services.db,
    async (trx) => {
      if (move.guard && !(await move.guard(trx))) return { moved: null, payment: null }
      return moveInside(trx, services.clock.now(), from, move)
    },
    // a repetition finds the version already moved on, and writes nothing
    { idempotent: true },
  )
  if (!moved || !payment) return null

  services.metrics.transitions.inc({ to: moved.state })
  if (moved.state === 'confirmed')
    services.metrics.settleSeconds.observe((moved.updated_at.getTime() - moved.created_at.getTime()) / 1000)
  const report = { transactionId: moved.id, paymentId: payment.id, from: from.state, to: moved.state, ...move.facts }
  if (moved.state === 'attention') services.log.error({ ...report, alert: true }, 'a transaction needs attention')
  else services.log.info(report, 'transaction moved')
  return moved
}

async function moveInside(
  trx: Transaction<Database>,
  now: Date,
  from: TransactionRow,
  { to, principal, facts = {}, nextAttemptAt }: Move,
): Promise<{ moved: TransactionRow | null; payment: PaymentRow | null }> {
  const moved = await trx
    .updateTable('transaction')
    .set({
      ...facts,
      state: to,
      next_attempt_at: nextAttemptAt,
      attempts: 0,
      updated_at: now,
      version: from.version + 1n,
    })
    .where('id', '=', from.id)
    .where('version', '=', from.version)
    .returning(transactionColumns)
    .executeTakeFirst()
  if (!moved) return { moved: null, payment: null }

  const payment = await followWithPayment(trx, now, principal, moved)
  const leftItsLane = inFlight.has(from.state) && !inFlight.has(to)
  if (leftItsLane) await wakeNextInWallet(trx, now, moved)
  return { moved, payment }
}

const inFlight: ReadonlySet<TransactionState> = new Set(['submitting', 'submitted'])

/** Gives the payment the state that its transaction's calls for, and what follows from it. */
async function followWithPayment(
  trx: Transaction<Database>,
  now: Date,
  principal: Principal,
  transaction: TransactionRow,
): Promise<PaymentRow> {
  const payment = await trx
    .selectFrom('payment')
    .select(paymentRowColumns)
    .where('transaction_id', '=', transaction.id)
    .executeTakeFirstOrThrow()
  const state = paymentStateOf[transaction.state]
  const changed = state !== payment.state
  if (changed && !mayBecome(paymentStates, payment.state, state))
    throw new Error(`payment ${payment.id}: ${payment.state} cannot become ${state}`)

  const type: EventType = changed ? `payment.${state}` : 'transaction.submitted'
  const step = nextStep(payment, {
    object: { type: 'payment', id: payment.id, appId: payment.app_id },
    principal,
    type,
    at: now,
    data: {
      state,
      transaction: transaction.id,
      transactionState: transaction.state,
      ...(transaction.reference && { reference: transaction.reference }),
      ...(transaction.user_operation_hash && { userOperationHash: transaction.user_operation_hash }),
      ...(transaction.transaction_hash && { transactionHash: transaction.transaction_hash }),
      ...(transaction.block_number !== null && { blockNumber: String(transaction.block_number) }),
      ...(transaction.log_index !== null && { logIndex: transaction.log_index }),
      ...(transaction.failure_reason && {
        failure: { reason: transaction.failure_reason, message: transaction.failure_message },
      }),
    },
  })
  await trx
    .updateTable('payment')
    .set({ state, updated_at: now, settled_at: state === 'settled' ? now : null, ...step.head })
    .where('id', '=', payment.id)
    .execute()
  await append(trx, step)
  if (changed && state === 'settled') await grantAccess(trx, payment, now)
  if (changed && payment.state === 'settled') await revokeAccess(trx, payment, now)
  return payment
}

export const transactionColumns = [
  'id',
  'app_id',
  'wallet_id',
  'chain_id',
  'provider',
  'sender',
  'calls',
  'state',
  'reference',
  'user_operation_hash',
  'transaction_hash',
  'block_number',
  'block_hash',
  'log_index',
  'failure_reason',
  'failure_message',
  'shard',
  'next_attempt_at',
  'attempts',
  'submitting_since',
  'created_at',
  'updated_at',
  'version',
] as const

const paymentRowColumns = [
  'id',
  'app_id',
  'paywall_id',
  'wallet_id',
  'asset_id',
  'transaction_id',
  'decision_id',
  'payer',
  'recipient',
  'amount',
  'state',
  'settled_at',
  'created_at',
  'updated_at',
  'version',
  'audit_head',
] as const
