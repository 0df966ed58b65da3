import type { Kysely } from 'kysely'
import type { Database, PurchaseRow } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'
import type { Hash } from '../../contract/entities.ts'
import type { PurchaseProblem, PurchaseState } from '../../contract/purchases.ts'
import type { Finding } from '../../gateways/api-buyer.ts'
import type { Services } from '../../services.ts'
import type { SystemPrincipal } from '../principal.ts'
import { nextLook } from '../transactions/postpone.ts'
import { asAddress, asHash } from '../wire.ts'
import { changePurchase, type Move, storedColumns } from './change-purchase.ts'
import { endPurchase } from './end-purchase.ts'
import { provePayment } from './prove-payment.ts'

const buyer: SystemPrincipal = { kind: 'system', name: 'buyer' }

const problems = {
  interrupted: {
    reason: 'interrupted',
    message: 'This service was stopped before it paid. Ask for it anew, with a new idempotency key.',
  },
  lost: {
    reason: 'answer_lost',
    message: 'It is paid, but what was answered is lost. Show the seller the transaction.',
  },
  gift: { reason: 'not_taken', message: 'The seller answered, and has not taken the payment.' },
  unknown: {
    reason: 'outcome_unknown',
    message: 'It may be paid, and nobody has told. It is not tried again; see the runbook.',
  },
  otherwise: {
    reason: 'paid_otherwise',
    message:
      'What the chain shows is not what was agreed: another amount, payee or token, or nothing. See the runbook.',
  },
} satisfies Record<string, PurchaseProblem>

/**
 * Finds out what became of a purchase, and ends it when that is known. Pays nothing and calls nobody's API: what was interrupted before it was
 * paid has failed, and what may have been paid is looked for, not done again.
 *
 * @returns the state that it has then
 * @throws ChainUnavailable, and whatever an intermediary does not answer
 */
export async function followPurchase(services: Services, id: string): Promise<PurchaseState> {
  const row = await services.db
    .selectFrom('purchase')
    .select(storedColumns)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  if (row.state === 'requested')
    return changePurchase(services, buyer, id, async (trx, now) =>
      now.state === 'requested'
        ? endPurchase(trx, now, { to: 'failed', spent: 0n, problem: problems.interrupted })
        : null,
    )
  if (row.state !== 'paying' && row.state !== 'attention') return row.state
  const verdict = await judge(services, row)
  if (verdict === 'later') return later(services, row)
  const state = await changePurchase(services, buyer, id, async (trx, now) =>
    now.state === 'paying' || now.state === 'attention' ? await verdict(trx, now) : null,
  )
  if (state === 'attention') await rest(services, row)
  return state
}

type Decide = (trx: Kysely<Database>, row: PurchaseRow) => Promise<Move | null>
type Verdict = 'later' | Decide

/** What is to become of it, by what is known outside. */
async function judge(services: Services, row: PurchaseRow): Promise<Verdict> {
  const asset = await services.db
    .selectFrom('asset')
    .select(['chain_id', 'address'])
    .where('id', '=', row.asset_id!)
    .executeTakeFirstOrThrow()
  const chainId = Number(asset.chain_id)
  const [way, chain] = [services.buyers[row.way], services.chains.get(chainId)]
  if (!way || !chain) return isOverdue(services, row) ? attention(problems.unknown) : 'later'
  const token = asAddress(asset.address)
  const finding: Finding = await way.find({
    chainId,
    asset: token,
    nonce: asHash(row.authorization_nonce!),
    validBefore: row.valid_before!,
    reference: row.reference,
    claimed: row.claimed_hash === null ? null : asHash(row.claimed_hash),
  })
  switch (finding.kind) {
    case 'unpaid':
      return unpaid(finding)
    case 'unknown':
      return attention(problems.unknown)
    case 'pending':
      return isOverdue(services, row) ? attention(problems.unknown) : 'later'
    case 'paid': {
      const proof = await provePayment(chain, finding.transaction, {
        token,
        payer: way.payer,
        payee: asAddress(row.payee!),
        price: row.price!,
        fromBlock: row.from_block!,
      })
      if (proof === 'not yet') return isOverdue(services, row) ? attention(problems.unknown) : 'later'
      return proof === 'proven' ? paid(finding.transaction) : attention(problems.otherwise)
    }
  }
}

const attention =
  ({ reason, message }: PurchaseProblem): Decide =>
  async (_, row) =>
    row.state === 'attention' ? null : { to: 'attention', failure_reason: reason, failure_message: message }

const unpaid =
  ({ reason, message }: PurchaseProblem): Decide =>
  async (trx, row) => {
    const status = await answeredStatus(trx, row.id)
    return status !== null && status < 400
      ? endPurchase(trx, row, { to: 'completed', spent: 0n, problem: problems.gift })
      : endPurchase(trx, row, { to: 'failed', spent: 0n, problem: { reason, message } })
  }

const paid =
  (transaction: Hash): Decide =>
  async (trx, row) => {
    const other = await trx
      .selectFrom('purchase')
      .select('id')
      .where('asset_id', '=', row.asset_id)
      .where('transaction_hash', '=', transaction)
      .executeTakeFirst()
    // it has paid for something else
    if (other) return attention(problems.otherwise)(trx, row)
    const isAnswered = (await answeredStatus(trx, row.id)) !== null
    const problem = isAnswered ? {} : { problem: problems.lost }
    return endPurchase(trx, row, { to: 'completed', spent: row.spent, transaction, ...problem })
  }

const answeredStatus = async (trx: Kysely<Database>, id: string): Promise<number | null> =>
  (await trx.selectFrom('purchase_answer').select('status').where('purchase_id', '=', id).executeTakeFirst())?.status ??
  null

/** Whether it is time that a person looks. What can still be taken is waited for. */
function isOverdue({ clock, patience }: Services, row: PurchaseRow): boolean {
  const since = Math.max(row.paying_at!.getTime(), row.valid_before!.getTime())
  return clock.now().getTime() > since + patience.deadline
}

async function later(services: Services, row: PurchaseRow): Promise<PurchaseState> {
  await makeDue(services, row, new Date(services.clock.now().getTime() + nextLook(services, row.attempts)))
  return row.state
}

/** It is looked at again now and then for a day, and then no more: what nobody knows by then, nobody will tell. */
async function rest(services: Services, row: PurchaseRow): Promise<void> {
  const now = services.clock.now().getTime()
  const isOld = now > row.paying_at!.getTime() + 86_400_000
  await makeDue(services, row, isOld ? null : new Date(now + 10 * services.patience.look.longest))
}

const makeDue = (services: Services, { id }: PurchaseRow, due: Date | null) =>
  atomically(
    services.db,
    (db) =>
      db
        .updateTable('purchase')
        .set({ next_attempt_at: due })
        .where('id', '=', id)
        .where('state', 'in', ['paying', 'attention'])
        .execute(),
    { idempotent: true },
  )
