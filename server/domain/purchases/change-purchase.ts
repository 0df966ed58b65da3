import type { Kysely, Updateable } from 'kysely'
import type { Database, NewAudit, PurchaseRow } from '../../../db/schema.ts'
import { transaction } from '../../../db/transaction.ts'
import type { PurchaseState } from '../../contract/purchases.ts'
import type { Services } from '../../services.ts'
import { append, nextStep, type TrailHead, type TrailStep } from '../audit/trail.ts'
import type { Principal } from '../principal.ts'
import { mayBecome } from '../states.ts'
import { purchaseStates } from './states.ts'

/** What a change of state does to a purchase beside it. */
export type PurchaseFacts = Omit<
  Updateable<Database['purchase']>,
  'state' | 'version' | 'audit_head' | 'updated_at' | 'attempts'
>

/** What a leaf and an event tell of a purchase. */
type Told = Pick<
  PurchaseRow,
  | 'asset_id'
  | 'failure_message'
  | 'failure_reason'
  | 'fee'
  | 'method'
  | 'payee'
  | 'price'
  | 'spent'
  | 'transaction_hash'
  | 'url'
  | 'way'
>

/** The leaf and the event of a purchase that comes to a state. */
export const purchaseStep = (
  head: TrailHead,
  change: { id: string; appId: string; principal: Principal; state: PurchaseState; at: Date; row: Told },
): TrailStep & { audit: NewAudit } => {
  const { id, appId, principal, state, at, row } = change
  return nextStep(head, {
    object: { type: 'purchase', id, appId },
    principal,
    type: `purchase.${state}`,
    at,
    data: {
      asset: row.asset_id,
      fee: row.fee === null ? null : String(row.fee),
      method: row.method,
      payee: row.payee,
      price: row.price === null ? null : String(row.price),
      problem: row.failure_reason === null ? null : { reason: row.failure_reason, message: row.failure_message ?? '' },
      spent: String(row.spent),
      transactionHash: row.transaction_hash,
      url: row.url,
      way: row.way,
    },
  })
}

/** All that a row has. */
export const storedColumns = [
  'id',
  'app_id',
  'requested_by',
  'way',
  'method',
  'url',
  'state',
  'policy_id',
  'asset_id',
  'payer',
  'payee',
  'price',
  'fee',
  'spent',
  'authorization_nonce',
  'valid_before',
  'from_block',
  'paying_at',
  'reference',
  'claimed_hash',
  'transaction_hash',
  'failure_reason',
  'failure_message',
  'checks',
  'created_at',
  'updated_at',
  'shard',
  'next_attempt_at',
  'attempts',
  'version',
  'audit_head',
] as const

/** Where a purchase goes, and what becomes of it there. */
export type Move = { to: PurchaseState } & PurchaseFacts

/**
 * Moves a purchase by what it is when it is read in the very transaction that changes it, with its leaf and its event. `decide` does nothing
 * but database work, and may run again; null leaves the purchase as it is. Answers with the state that it has then.
 */
export async function changePurchase(
  services: Services,
  principal: Principal,
  id: string,
  decide: (trx: Kysely<Database>, row: PurchaseRow) => Promise<Move | null>,
): Promise<PurchaseState> {
  const { state, from } = await transaction(
    services.db,
    async (trx) => {
      const row = await trx.selectFrom('purchase').select(storedColumns).where('id', '=', id).executeTakeFirstOrThrow()
      const move = await decide(trx, row)
      if (!move || !mayBecome(purchaseStates, row.state, move.to)) return { state: row.state, from: null }
      const { to, ...facts } = move
      const at = services.clock.now()
      const next = { ...row, ...(facts as Partial<PurchaseRow>) }
      const step = purchaseStep(row, { id, appId: row.app_id, principal, state: to, at, row: next })
      await trx
        .updateTable('purchase')
        .set({ ...facts, state: to, updated_at: at, ...step.head })
        .where('id', '=', id)
        .execute()
      await append(trx, step)
      return { state: to, from: row.state }
    },
    // a budget that nobody had yet may be made by two at once
    { idempotent: true, retryOn: isTaken },
  )
  if (from !== null) services.metrics.purchases.inc({ to: state })
  if (from !== null && state === 'attention')
    services.log.error({ purchaseId: id, alert: true }, 'a purchase needs attention')
  return state
}

const isTaken = (error: unknown) => (error as { code?: unknown } | null)?.code === '23505'
