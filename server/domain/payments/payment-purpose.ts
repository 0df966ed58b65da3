import { type Kysely, sql } from 'kysely'
import type { Database, TransactionRow } from '../../../db/schema.ts'
import type { EventType } from '../../contract/events.ts'
import { transferInReceipt } from '../../gateways/chain/transfer-in-receipt.ts'
import { accessFollows, type PaymentServed } from '../access/grant-access.ts'
import { nextStep } from '../audit/trail.ts'
import { type RefusalRecord, refusedBy, storedRefusal } from '../compliance/failure-of.ts'
import { mayBecome } from '../states.ts'
import type { Move } from '../transactions/advance.ts'
import type { Asked, Follow, Purpose } from '../transactions/purpose.ts'
import { paymentStateOf } from '../transactions/states.ts'
import { toldOf } from '../transactions/told-of.ts'
import { asAddress, asHash } from '../wire.ts'
import { settledElsewhere } from '../x402/settled-elsewhere.ts'
import { expectedTransfer } from './expected-transfer.ts'
import { paymentOf } from './payment-of.ts'
import { proveNamedTransfer } from './prove-named-transfer.ts'
import { paymentStates } from './states.ts'

/** A transaction that pays a paywall: settled by its transfer's log, and then access is granted. */
export const paymentPurpose: Purpose = {
  async follow({ db }, from, move, now) {
    const moved = { ...from, ...move.facts, state: move.to }
    const payment = await paymentServed(db, from, storedRefusal(moved, move))
    return payment ? followWith(payment, moved, move, now) : null
  },

  async ask({ db, clock }, transactions) {
    const rows = await db
      .selectFrom('payment')
      .innerJoin('wallet', 'wallet.id', 'payment.wallet_id')
      .leftJoin('review', 'review.payment_id', 'payment.id')
      .select(['payer', 'recipient', 'amount', 'asset_id', 'wallet_id', 'wallet.user_id', 'review.state as review'])
      .select('payment.transaction_id')
      .where(
        'transaction_id',
        'in',
        transactions.map(({ id }) => id),
      )
      .execute()
    return new Map(
      rows.map((row): [string, Asked] => [
        row.transaction_id,
        {
          question: {
            action: 'payment',
            parties: { payer: asAddress(row.payer), recipient: asAddress(row.recipient) },
            walletId: row.wallet_id,
            userId: row.user_id,
            assetId: row.asset_id,
            amount: row.amount,
            at: clock.now(),
          },
          isReviewed: row.review === 'approved',
        },
      ]),
    )
  },

  async prove(services, transaction, chain, receipt) {
    if (transaction.provider === 'external') return proveNamedTransfer(services, transaction, chain, receipt)
    const operationHash = transaction.user_operation_hash
    return transferInReceipt(
      receipt,
      { operationHash: operationHash ? asHash(operationHash) : null, entryPoints: chain.entryPoints },
      await expectedTransfer(services, transaction),
    )
  },

  doneBy: settledElsewhere,
}

type Served = PaymentServed & { refusal?: RefusalRecord | null }

/** The payment that a transaction serves, with a refusal; undefined if the transaction has moved on since it was read. */
const paymentServed = (
  db: Kysely<Database>,
  { id, version }: Pick<TransactionRow, 'id' | 'version'>,
  refusalId: string | null,
): Promise<Served | undefined> =>
  db
    .selectFrom('payment')
    .innerJoin('transaction', 'transaction.id', 'payment.transaction_id')
    .innerJoin('paywall', 'paywall.id', 'payment.paywall_id')
    .select(paymentRowColumns)
    .select('paywall.access_seconds')
    .$if(refusalId !== null, (query) => query.select(refusedBy(sql`${refusalId}::uuid`).as('refusal')))
    .where('transaction.id', '=', id)
    .where('transaction.version', '=', version)
    .executeTakeFirst()

/** The state that the payment takes because of its transaction's, and what follows from it. */
function followWith(payment: Served, moved: TransactionRow, { principal, data, refusal }: Move, now: Date): Follow {
  const state = paymentStateOf[moved.state]
  const changed = state !== payment.state
  if (changed && !mayBecome(paymentStates, payment.state, state))
    throw new Error(`payment ${payment.id}: ${payment.state} cannot become ${state}`)

  const type: EventType = changed
    ? `payment.${state}`
    : moved.state === 'submitting'
      ? 'transaction.dismissed'
      : 'transaction.submitted'
  const isBought = state === 'settled'
  const settledAt = isBought ? now : null
  const step = nextStep(payment, {
    object: { type: 'payment', id: payment.id, appId: payment.app_id },
    principal,
    type,
    at: now,
    data: { state, ...toldOf(moved), ...data },
    snapshot: paymentOf({
      ...moved,
      ...payment,
      ...{ state, settled_at: settledAt, updated_at: now, refusal: refusal ?? payment.refusal ?? null },
    }),
  })
  const { head } = step
  const wasBought = payment.state === 'settled'
  const access = isBought === wasBought ? 'untouched' : isBought ? 'granted' : 'revoked'
  return {
    step,
    stands: sql`exists (select 1 from payment where id = ${payment.id}::uuid and version = ${payment.version}::int8)`,
    changes: [
      sql`
        update payment set state = ${state}::text, updated_at = ${now}::timestamptz,
          settled_at = ${settledAt}::timestamptz,
          version = ${head.version}::int8, audit_head = ${head.audit_head}::bytea
        where id = ${payment.id}::uuid and exists (select 1 from moved)`,
      accessFollows(payment, access, now),
    ],
  }
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
