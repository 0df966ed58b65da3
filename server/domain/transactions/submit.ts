import type { Transaction } from 'kysely'
import type { Database, TransactionRow } from '../../../db/schema.ts'
import { ProviderError, type ProviderTransaction, type Submission } from '../../gateways/wallet-provider.ts'
import type { Services } from '../../services.ts'
import { decide } from '../compliance/decide.ts'
import type { Principal } from '../principal.ts'
import { asAddress } from '../wire.ts'
import { advance } from './advance.ts'
import { nextLook, postpone } from './postpone.ts'

const dispatcher: Principal = { kind: 'system', name: 'dispatcher' }

/** A wallet's next transaction is woken when the one before it leaves; this is only for the wake-up that got lost. */
const LANE_FALLBACK = 15_000

/** For how long a provider is trusted to know an idempotency key again. Later its records are searched first. */
const KEY_LIFETIME = 15 * 60_000

/** Takes a queued transaction to its provider, if its wallet is free and compliance still allows it. */
export async function submitQueued(services: Services, queued: TransactionRow): Promise<void> {
  if (!(await isNextInWallet(services, queued))) return postpone(services, queued, LANE_FALLBACK)

  const { payer, recipient } = await services.db
    .selectFrom('payment')
    .select(['payer', 'recipient'])
    .where('transaction_id', '=', queued.id)
    .executeTakeFirstOrThrow()
  const facts = await services.readFacts({ appId: queued.app_id, addresses: [payer, recipient] })
  const answer = decide({ action: 'payment', addresses: { payer, recipient } }, facts)
  if (answer.outcome === 'deny') {
    const check = answer.checks.find(({ outcome }) => outcome === 'deny')!
    await advance(services, queued, {
      to: 'refused',
      principal: dispatcher,
      facts: { failure_reason: check.code, failure_message: check.message },
      nextAttemptAt: null,
    })
    return
  }

  const now = services.clock.now()
  const submitting = await advance(services, queued, {
    to: 'submitting',
    principal: dispatcher,
    facts: { submitting_since: now },
    nextAttemptAt: new Date(now.getTime() + services.patience.lease),
    guard: (trx) => listsAreStill(trx, queued.app_id, facts.listVersion),
  }).catch((error) => {
    if (isLaneTaken(error)) return null
    throw error
  })
  if (!submitting) return postpone(services, queued, nextLook(services, 1))
  await submitClaimed(services, submitting)
}

/** Hands a transaction over that was claimed for it, perhaps by a worker that died since. */
export async function submitClaimed(services: Services, submitting: TransactionRow): Promise<void> {
  const submission = submissionOf(submitting)
  const since = submitting.submitting_since!
  const age = services.clock.now().getTime() - since.getTime()
  try {
    const known = age > KEY_LIFETIME ? await services.provider.find(submission, since) : null
    const taken = known && known.state !== 'awaiting-approval' ? known : await services.provider.submit(submission)
    await tookIt(services, submitting, taken)
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    await didNotTakeIt(services, submitting, submission, error, age)
  }
}

function tookIt(services: Services, submitting: TransactionRow, taken: ProviderTransaction) {
  return advance(services, submitting, {
    to: 'submitted',
    principal: dispatcher,
    facts: {
      reference: taken.reference,
      user_operation_hash: taken.userOperationHash,
      transaction_hash: taken.transactionHash,
      failure_reason: null,
      failure_message: null,
    },
    nextAttemptAt: new Date(services.clock.now().getTime() + nextLook(services, 1)),
  })
}

async function didNotTakeIt(
  services: Services,
  submitting: TransactionRow,
  submission: Submission,
  error: ProviderError,
  age: number,
): Promise<void> {
  const facts = { failure_reason: error.reason, failure_message: error.message }
  const isLate = age > services.patience.deadline
  const mayBeThere = submitting.attempts > 0
  if (error.outcome === 'refused' || isLate) {
    // an earlier try, whose answer was lost, may have been taken: the provider's records tell
    const found = mayBeThere || isLate ? await lookUp(services, submission, submitting.submitting_since!) : null
    if (found === 'unanswered' && !isLate)
      return postpone(services, submitting, nextLook(services, submitting.attempts), facts)
    if (found && found !== 'unanswered' && found.state !== 'awaiting-approval') {
      await tookIt(services, submitting, found)
      return
    }
    if (error.outcome === 'refused' && !found) {
      await advance(services, submitting, { to: 'failed', principal: dispatcher, facts, nextAttemptAt: null })
      return
    }
  }
  if (isLate) {
    await advance(services, submitting, {
      to: 'attention',
      principal: dispatcher,
      facts,
      nextAttemptAt: new Date(services.clock.now().getTime() + services.patience.look.longest),
    })
    return
  }
  services.log.warn({ transactionId: submitting.id, outcome: error.outcome, reason: error.reason }, 'not submitted yet')
  await postpone(services, submitting, error.retryAfter ?? nextLook(services, Math.max(1, submitting.attempts)), facts)
}

async function lookUp(services: Services, submission: Submission, since: Date) {
  try {
    return await services.provider.find(submission, since)
  } catch (error) {
    if (error instanceof ProviderError) return 'unanswered' as const
    throw error
  }
}

/** What the provider is asked for: the same for every repetition. */
export const submissionOf = (row: TransactionRow): Submission => ({
  idempotencyKey: row.id,
  wallet: asAddress(row.sender),
  chainId: Number(row.chain_id),
  calls: row.calls.map(({ to, value, data }) => ({ to: asAddress(to), value: BigInt(value), data: asAddress(data) })),
})

/** Whether nothing of this wallet and chain is in flight, and nothing older waits. */
async function isNextInWallet(services: Services, queued: TransactionRow): Promise<boolean> {
  const ahead = await services.db
    .selectFrom('transaction')
    .select('id')
    .where('wallet_id', '=', queued.wallet_id)
    .where('chain_id', '=', queued.chain_id)
    .where('id', '!=', queued.id)
    .where((or) =>
      or.or([
        or('state', 'in', ['submitting', 'submitted']),
        or.and([
          or('state', '=', 'queued'),
          or.or([
            or('created_at', '<', queued.created_at),
            or.and([or('created_at', '=', queued.created_at), or('id', '<', queued.id)]),
          ]),
        ]),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  return ahead === undefined
}

async function listsAreStill(trx: Transaction<Database>, appId: string, version: bigint): Promise<boolean> {
  const row = await trx.selectFrom('list_version').select('version').where('app_id', '=', appId).executeTakeFirst()
  return row?.version === version
}

const isLaneTaken = (error: unknown): boolean =>
  (error as { code?: string }).code === '23505' &&
  (error as { constraint?: string }).constraint === 'transaction_in_flight'
