import type { TransactionRow } from '../../../db/schema.ts'
import { transaction as commit } from '../../../db/transaction.ts'
import type { Hash } from '../../contract/entities.ts'
import type { Chain } from '../../gateways/chain/chain.ts'
import type { Services } from '../../services.ts'
import { findNamedTransfer } from '../payments/find-named-transfer.ts'
import { recount } from '../payments/recount.ts'
import type { Principal } from '../principal.ts'
import { asHash } from '../wire.ts'
import { advance, type Facts } from './advance.ts'
import { isClosed, lastLook, nextLook, postpone } from './postpone.ts'

const [clockwork, tracker]: Principal[] = [
  { kind: 'system', name: 'clock' },
  { kind: 'system', name: 'tracker' },
]

/** For how long, in milliseconds, the payer of what an officer has let pass may take to ask for the calls: they may be asleep. */
const AFTER_REVIEW = 24 * 3_600_000

/** When a payer's time to sign what was handed out to them is over. */
export const signingEnds = ({ patience }: Services, { submitting_since }: TransactionRow): Date =>
  new Date(submitting_since!.getTime() + patience.signing)

/** Ends a payment whose payer did not ask for the calls to sign in time. */
export async function expireUnasked(services: Services, queued: TransactionRow): Promise<void> {
  const { clock, patience } = services
  const wasHeld = queued.updated_at > queued.created_at
  const end = queued.updated_at.getTime() + (wasHeld ? AFTER_REVIEW : patience.signing)
  const left = end - clock.now().getTime()
  if (left > 0) return postpone(services, queued, left)
  await advance(services, queued, {
    to: 'expired',
    principal: clockwork!,
    facts: { failure_reason: 'not_signed', failure_message: 'Its payer did not ask for the calls to sign in time.' },
    nextAttemptAt: null,
  })
}

/**
 * Follows a chain transaction that is said to pay: by its payer, or because a search has found it. Null, and nothing written: the
 * payment was moved meanwhile, or the rules have changed.
 */
export async function followHash(
  services: Services,
  transaction: TransactionRow,
  hash: Hash,
  principal: Principal,
  { rulesVersion }: { rulesVersion?: bigint } = {},
): Promise<TransactionRow | null> {
  const chain = services.chains.get(transaction.chain_id)!
  const searched = transaction.searched_block ?? (await chain.blockNumber())
  const now = services.clock.now()
  const followed = await advance(services, transaction, {
    to: 'submitted',
    principal,
    facts: {
      ...nothingProven,
      transaction_hash: hash,
      failure_reason: null,
      failure_message: null,
      submitting_since: transaction.submitting_since ?? now,
      searched_block: searched,
    },
    nextAttemptAt: now,
    ...(rulesVersion !== undefined && { listVersion: rulesVersion }),
  })
  if (followed) services.nudge.transaction(followed.id)
  return followed
}

const nothingProven: Facts = { block_number: null, block_hash: null, log_index: null }

/** Looks for what a payer may have signed without telling, now and then, until the time for it is over. */
export async function searchUnreported(services: Services, submitting: TransactionRow): Promise<void> {
  const { isFound, isThrough, facts } = await search(services, submitting)
  if (isFound) return
  const end = signingEnds(services, submitting).getTime() + services.patience.disbelief
  const left = end - services.clock.now().getTime()
  if (left <= 0 && isThrough) return unpaid(services, submitting, facts, notSigned)
  await postpone(
    services,
    submitting,
    Math.max(services.patience.look.first, Math.min(left, nextSearch(services, submitting))),
    facts,
  )
}

/** Looks whether a payer has signed already, without telling, and follows what they sent. */
export const followUnreported = async (services: Services, submitting: TransactionRow): Promise<boolean> =>
  (await search(services, submitting)).isFound

/** What is signed is reported in nearly every case: it is searched for seldom. */
const nextSearch = ({ patience }: Services, { attempts }: TransactionRow): number =>
  patience.look.longest * 2 ** Math.min(attempts - 1, 3)

const notSigned = {
  failure_reason: 'not_signed',
  failure_message: 'The chain shows no transfer that pays it, and the time to sign it is over.',
}

/** No block carries what was reported: it is on its way, its wallet has replaced it, or it never was. */
export async function awaitReported(services: Services, transaction: TransactionRow, chain: Chain): Promise<void> {
  const { attempts, transaction_hash: hash, updated_at } = transaction
  const now = services.clock.now().getTime()
  const isOver = transaction.state === 'submitted' && now > transaction.submitting_since!.getTime() + LONGEST
  const isOnItsWay = !isOver && hash !== null && (await chain.input(asHash(hash))) !== null
  const isLate = isOver || now - updated_at.getTime() > services.patience.deadline
  if (isOnItsWay || (!isLate && attempts < SOME_LOOKS))
    return postpone(services, transaction, nextLook(services, attempts))

  const { isFound, isThrough, facts } = await search(services, transaction)
  if (isFound) return
  if (isLate && isThrough) return unpaid(services, transaction, facts, notOnChain)
  await postpone(services, transaction, nextLook(services, attempts), facts)
}

/** For how long, in milliseconds, what may never get into a block keeps its price and its room within the limits, whatever is reported. */
const LONGEST = 24 * 3_600_000

/** Looks at a hash that no node knows, after which another is searched for. */
const SOME_LOOKS = 3

const notOnChain = {
  failure_reason: 'not_on_chain',
  failure_message: 'The chain knows neither the transaction that was reported nor another that pays it.',
}

/** A chain transaction turned out to be something else: forgotten, so that the right one can be told or found. */
export async function dismiss(
  services: Services,
  transaction: TransactionRow,
  { transactionHash }: { transactionHash: Hash },
  because: 'absent' | 'counted',
): Promise<void> {
  const what = `The chain transaction ${transactionHash}`
  await advance(services, transaction, {
    to: 'submitting',
    principal: tracker!,
    facts: {
      ...nothingProven,
      transaction_hash: null,
      ...(because === 'counted'
        ? { failure_reason: 'transfer_counted_already', failure_message: `${what} has paid something else.` }
        : {
            failure_reason: 'transfer_not_found',
            failure_message: `${what} does not show the transfer that pays this, or does not name it.`,
          }),
    },
    data: { dismissed: transactionHash },
    nextAttemptAt: services.clock.now(),
  })
  services.nudge.transaction(transaction.id)
}

/** Looks once more for what was signed late, when something hints at it and once at last. */
export async function searchUnpaid(services: Services, failed: TransactionRow): Promise<void> {
  const { transaction_hash: hash, block_number, updated_at } = failed
  const isCarried =
    hash !== null &&
    block_number === null &&
    (await services.chains.get(failed.chain_id)!.receipt(asHash(hash))) !== null
  if (isCarried) {
    await followHash(services, failed, asHash(hash), tracker!)
    return
  }
  const { isFound, isThrough, facts } = await search(services, failed)
  if (isFound) return
  const untilLast = updated_at.getTime() + services.patience.deadline - services.clock.now().getTime()
  if (untilLast > 0) await postpone(services, failed, untilLast, facts)
  else if (isThrough) await close(services, failed)
  else await postpone(services, failed, services.patience.look.first, facts)
}

/** After the last look nothing is found any more: it gives its room within the limits back, and its block is forgotten. */
async function close(services: Services, failed: TransactionRow): Promise<void> {
  await commit(
    services.db,
    async (trx) => {
      const closed = await trx
        .updateTable('transaction')
        .set({ next_attempt_at: null, searched_block: null })
        .where('id', '=', failed.id)
        .where('version', '=', failed.version)
        .where('next_attempt_at', '=', failed.next_attempt_at)
        .returning('id')
        .executeTakeFirst()
      if (closed && !isClosed(failed)) await recount(trx, failed.id, false)
    },
    { idempotent: true },
  )
}

async function search(services: Services, transaction: TransactionRow) {
  const chain = services.chains.get(transaction.chain_id)!
  const { found, searched, isThrough } = await findNamedTransfer(services, transaction, chain)
  if (found) await followHash(services, transaction, found, tracker!)
  return { isFound: found !== null, isThrough, facts: { searched_block: searched } }
}

async function unpaid(services: Services, transaction: TransactionRow, facts: Facts, failure: Facts): Promise<void> {
  const { state, failure_reason, failure_message } = transaction
  // why the last one was forgotten says more than that nothing came after it
  const isDismissed = state === 'submitting' && failure_reason !== null
  await advance(services, transaction, {
    to: 'failed',
    principal: tracker!,
    facts: { ...facts, ...(isDismissed ? { failure_reason, failure_message } : failure) },
    nextAttemptAt: lastLook(services),
    whileClaimed: true,
  })
}
