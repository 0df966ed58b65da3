import type { Kysely } from 'kysely'
import type { RetryOptions } from '../../../db/retry.ts'
import type { Database, TransactionRow } from '../../../db/schema.ts'
import { atomically, transaction } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'
import type { RefusalRecord } from '../compliance/failure-of.ts'
import { recount } from '../payments/recount.ts'
import type { Principal } from '../principal.ts'
import { mayBecome } from '../states.ts'
import { transactionColumns } from './columns.ts'
import { isClosed } from './postpone.ts'
import { type Follow, purposeOf } from './purpose.ts'
import { type TransactionState, transactionStates } from './states.ts'
import { wakeNextInWallet } from './wake-next-in-wallet.ts'
import { writeMove } from './write-move.ts'

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
    | 'searched_block'
  >
>

export interface Move {
  to: TransactionState
  principal: Principal
  facts?: Facts
  /** What is submitted, as JSON, where that is only known now. */
  calls?: string | undefined
  /** What the trail and the event say beside the facts. JSON values only. */
  data?: Record<string, unknown>
  /** The decision that `facts` name, if it is stored in the same commit and cannot be read yet. */
  refusal?: RefusalRecord
  /** When it is to be looked at again; null is never. */
  nextAttemptAt: Date | null
  /** Or sooner, if a hint has made it due meanwhile. */
  orSooner?: boolean
  /** Moves only if the app's lists still have this version. */
  listVersion?: bigint
  /** Moves only if the claim on the row is still the one that was read: nobody took it over, no hint made it due. */
  whileClaimed?: boolean
  /** What is written in the same commit, if the transaction moves. What it throws undoes the move. */
  alongside?: (trx: Kysely<Database>, now: Date) => Promise<void>
}

/**
 * Moves a transaction, and the object that owns it, to their next states: rows, what follows from them, audit leaf and event in one
 * statement, hence in one commit. What it needs to know is read before and held to by versions inside.
 *
 * Answers with the moved row, or null if somebody else moved it first or a condition of the move no longer holds; then nothing
 * was written.
 */
export async function advance(services: Services, from: TransactionRow, move: Move): Promise<TransactionRow | null> {
  if (!mayBecome(transactionStates, from.state, move.to))
    throw new Error(`transaction ${from.id}: ${from.state} cannot become ${move.to}`)
  const now = services.clock.now()
  const follow = await purposeOf(from).follow(services, from, move, now)
  if (!follow) return null
  let isRepeated = false
  const alongside = alongsideOf(from, move)
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
  const moved = written ?? (isRepeated ? await movedByUs(services, from, follow) : undefined)
  if (!moved) return null

  services.moves.tell(moved.id)
  services.metrics.transitions.inc({ to: moved.state })
  // how long a payer takes to sign says nothing of the service
  if (moved.state === 'confirmed' && moved.provider !== 'external')
    services.metrics.settleSeconds.observe((moved.updated_at.getTime() - moved.created_at.getTime()) / 1000)
  const report = {
    transactionId: moved.id,
    [`${follow.step.event.object_type}Id`]: follow.step.audit.stream,
    from: from.state,
    to: moved.state,
    ...move.facts,
  }
  if (moved.state === 'attention') services.log.error({ ...report, alert: true }, 'a transaction needs attention')
  else services.log.info(report, 'transaction moved')

  const leavesLane = holdsLane.has(from.state) && !holdsLane.has(moved.state)
  if (leavesLane && moved.provider !== 'external') await wakeNextInWallet(services, moved)
  return moved
}

/**
 * Moves a transaction as {@link advance} does, in a commit of somebody else's. Whoever commits sees to what is to be woken and told.
 */
export async function advanceWithin(
  trx: Kysely<Database>,
  services: Services,
  from: TransactionRow,
  move: Move,
): Promise<TransactionRow | null> {
  if (!mayBecome(transactionStates, from.state, move.to))
    throw new Error(`transaction ${from.id}: ${from.state} cannot become ${move.to}`)
  const now = services.clock.now()
  const follow = await purposeOf(from).follow({ ...services, db: trx }, from, move, now)
  return (follow && (await writeMove(trx, from, move, follow, now))) ?? null
}

/**
 * What else is written with a move. Of what others sign nothing is known until it is there, and it costs them nothing to have it accepted: it
 * keeps room within the limits only for as long as it may be paid.
 */
function alongsideOf(from: TransactionRow, { to, alongside }: Move): Move['alongside'] {
  const [wasCounted, isCounted] = [!isOver.has(from.state) && !isClosed(from), !isOver.has(to)]
  if (from.provider !== 'external' || wasCounted === isCounted) return alongside
  return async (trx, now) => {
    await alongside?.(trx, now)
    await recount(trx, from.id, isCounted)
  }
}

/** Failed is not among them: its room is given back after the last look for it. */
const isOver: ReadonlySet<TransactionState> = new Set(['cancelled', 'refused', 'expired'])

/** In flight or next in line: others of the wallet wait behind it. */
const holdsLane: ReadonlySet<TransactionState> = new Set(['queued', 'submitting', 'submitted'])

/** A repetition of a commit whose answer was lost writes nothing: the leaf in the owner's trail tells that the first one did. */
const movedByUs = ({ db }: Services, { id }: TransactionRow, { step }: Follow): Promise<TransactionRow | undefined> =>
  db
    .selectFrom('transaction')
    .select(transactionColumns)
    .where('id', '=', id)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('audit')
          .select('stream')
          .where('stream', '=', step.audit.stream)
          .where('sequence', '=', step.audit.sequence)
          .where('hash', '=', step.audit.hash),
      ),
    )
    .executeTakeFirst()
