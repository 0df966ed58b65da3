import type { Kysely } from 'kysely'
import type { RetryOptions } from '../../../db/retry.ts'
import type { Database, TransactionRow } from '../../../db/schema.ts'
import { atomically, transaction } from '../../../db/transaction.ts'
import type { EventType } from '../../contract/events.ts'
import type { Services } from '../../services.ts'
import type { PaymentServed } from '../access/grant-access.ts'
import { nextStep } from '../audit/trail.ts'
import { paymentStates } from '../payments/states.ts'
import type { Principal } from '../principal.ts'
import { mayBecome } from '../states.ts'
import { transactionColumns } from './columns.ts'
import { paymentStateOf, type TransactionState, transactionStates } from './states.ts'
import { wakeNextInWallet } from './wake-next-in-wallet.ts'
import { type Follow, writeMove } from './write-move.ts'

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
    | 'refusal_id'
    | 'submitting_since'
  >
>

export interface Move {
  to: TransactionState
  principal: Principal
  facts?: Facts
  /** What the trail and the event say beside the facts. JSON values only. */
  data?: Record<string, unknown>
  /** When it is to be looked at again; null is never. */
  nextAttemptAt: Date | null
  /** Moves only if the app's lists still have this version. */
  listVersion?: bigint
  /** Moves only if the claim on the row is still the one that was read: nobody took it over, no hint made it due. */
  whileClaimed?: boolean
  /** What is written in the same commit, if the transaction moves. What it throws undoes the move. */
  alongside?: (trx: Kysely<Database>, now: Date) => Promise<void>
}

/**
 * Moves a transaction, and the payment it serves, to their next states: rows, access, audit leaf and event in one statement,
 * hence in one commit. What it needs to know is read before and held to by versions inside.
 *
 * Answers with the moved row, or null if somebody else moved it first or a condition of the move no longer holds; then nothing
 * was written.
 */
export async function advance(services: Services, from: TransactionRow, move: Move): Promise<TransactionRow | null> {
  if (!mayBecome(transactionStates, from.state, move.to))
    throw new Error(`transaction ${from.id}: ${from.state} cannot become ${move.to}`)
  const now = services.clock.now()
  const payment = await paymentServed(services, from)
  if (!payment) return null
  const follow = followWith(payment, { ...from, ...move.facts, state: move.to }, move, now)
  let isRepeated = false
  const { alongside } = move
  const options: RetryOptions = {
    // a repetition finds the version already moved on, and writes nothing
    idempotent: true,
    onRetry: ({ code }) => {
      // what the database asks to run again was not committed
      isRepeated ||= code !== '40001' && code !== '40P01'
    },
  }
  const written = alongside
    ? await transaction(
        services.db,
        async (trx) => {
          const row = await writeMove(trx, from, move, follow, now)
          if (row) await alongside(trx, now)
          return row
        },
        options,
      )
    : await atomically(services.db, (db) => writeMove(db, from, move, follow, now), options)
  const moved = written ?? (isRepeated ? await movedByUs(services, follow) : undefined)
  if (!moved) return null

  services.metrics.transitions.inc({ to: moved.state })
  if (moved.state === 'confirmed')
    services.metrics.settleSeconds.observe((moved.updated_at.getTime() - moved.created_at.getTime()) / 1000)
  const report = {
    transactionId: moved.id,
    paymentId: payment.id,
    from: from.state,
    to: moved.state,
    ...move.facts,
  }
  if (moved.state === 'attention') services.log.error({ ...report, alert: true }, 'a transaction needs attention')
  else services.log.info(report, 'transaction moved')

  if (holdsLane.has(from.state) && !holdsLane.has(moved.state)) await wakeNextInWallet(services, moved)
  return moved
}

/** In flight or next in line: others of the wallet wait behind it. */
const holdsLane: ReadonlySet<TransactionState> = new Set(['queued', 'submitting', 'submitted'])

/** The payment that a transaction serves; undefined if the transaction has moved on since it was read. */
const paymentServed = ({ db }: Services, { id, version }: TransactionRow): Promise<PaymentServed | undefined> =>
  db
    .selectFrom('payment')
    .innerJoin('transaction', 'transaction.id', 'payment.transaction_id')
    .innerJoin('paywall', 'paywall.id', 'payment.paywall_id')
    .select(paymentRowColumns)
    .select('paywall.access_seconds')
    .where('transaction.id', '=', id)
    .where('transaction.version', '=', version)
    .executeTakeFirst()

/** A repetition of a commit whose answer was lost writes nothing: the head of the payment's trail tells that the first one did. */
const movedByUs = ({ db }: Services, { payment, step }: Follow): Promise<TransactionRow | undefined> =>
  db
    .selectFrom('transaction')
    .innerJoin('payment', 'payment.transaction_id', 'transaction.id')
    .select(transactionColumns.map((column) => `transaction.${column}` as const))
    .where('payment.id', '=', payment.id)
    .where('payment.audit_head', '=', step.head.audit_head)
    .executeTakeFirst()

/** The state that the payment takes because of its transaction's, and what follows from it. */
function followWith(payment: PaymentServed, moved: TransactionRow, { principal, data }: Move, now: Date): Follow {
  const state = paymentStateOf[moved.state]
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
      transaction: moved.id,
      transactionState: moved.state,
      ...(moved.reference && { reference: moved.reference }),
      ...(moved.user_operation_hash && { userOperationHash: moved.user_operation_hash }),
      ...(moved.transaction_hash && { transactionHash: moved.transaction_hash }),
      ...(moved.block_number !== null && { blockNumber: String(moved.block_number) }),
      ...(moved.log_index !== null && { logIndex: moved.log_index }),
      ...(moved.failure_reason && { failure: { reason: moved.failure_reason, message: moved.failure_message } }),
      ...data,
    },
  })
  const isBought = state === 'settled'
  const wasBought = payment.state === 'settled'
  return { payment, state, step, access: isBought === wasBought ? 'untouched' : isBought ? 'granted' : 'revoked' }
}

const paymentRowColumns = [
  'payment.id',
  'payment.app_id',
  'payment.paywall_id',
  'payment.wallet_id',
  'payment.asset_id',
  'payment.transaction_id',
  'payment.decision_id',
  'payment.payer',
  'payment.recipient',
  'payment.amount',
  'payment.state',
  'payment.settled_at',
  'payment.created_at',
  'payment.updated_at',
  'payment.version',
  'payment.audit_head',
] as const
