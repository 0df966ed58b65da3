import type { TransactionRow } from '../../../db/schema.ts'
import { ProviderError, type ProviderTransaction, type Submission } from '../../gateways/wallet-provider.ts'
import type { Services } from '../../services.ts'
import type { Principal } from '../principal.ts'
import { asAddress } from '../wire.ts'
import { advance, type Facts, type Move } from './advance.ts'
import { askEverybody, type Objection } from './ask-compliance.ts'
import { lastLook, nextLook, postpone } from './postpone.ts'
import { providerOf } from './provider-of.ts'
import { purposeOf } from './purpose.ts'
import { factsOf, keepDecision, refuse, saidOf } from './refuse.ts'

const dispatcher: Principal = { kind: 'system', name: 'dispatcher' }

/** A wallet's next transaction is woken when the one before it leaves; this is only for the wake-up that got lost. */
const LANE_FALLBACK = 15_000

/** For how long, in milliseconds, a provider is trusted to know an idempotency key again. Later its records are searched first. */
export const KEY_LIFETIME = 15 * 60_000

/** Takes a queued transaction to its provider, if its wallet is free and compliance still allows it. */
export async function submitQueued(services: Services, queued: TransactionRow): Promise<void> {
  // its lane keeps the order of what is signed here: there, many may be on their way
  if (queued.provider !== 'local' && !(await isNextInWallet(services, queued)))
    return postpone(services, queued, LANE_FALLBACK)

  const { isBehindOthers } = purposeOf(queued)
  if (await isBehindOthers?.(services.db, queued)) return postpone(services, queued, services.patience.look.first)

  const { objection, rulesVersion, calls } = await askEverybody(services, queued)
  if (objection) {
    // who does not answer now may in a moment; for so long nothing is submitted, and nothing refused
    const isPatient = services.clock.now().getTime() - queued.updated_at.getTime() < services.patience.deadline
    const refused = !(objection.isSilence && isPatient) && (await refuse(services, queued, objection, dispatcher))
    if (!refused) await postpone(services, queued, nextLook(services, queued.attempts))
    return
  }

  const now = services.clock.now()
  const submitting = await advance(services, queued, {
    to: 'submitting',
    principal: dispatcher,
    facts: { submitting_since: now },
    calls,
    nextAttemptAt: new Date(now.getTime() + services.patience.lease),
    listVersion: rulesVersion,
    ...(isBehindOthers && {
      alongside: async (trx) => {
        // another may have gone ahead since; of two that look at the same time, the database lets one go
        if (await isBehindOthers(trx, queued)) throw new Overtaken()
      },
    }),
  }).catch((error) => {
    if (isLaneTaken(error) || error instanceof Overtaken) return null
    throw error
  })
  if (!submitting) return postpone(services, queued, nextLook(services, 1))
  await handOver(services, submitting)
}

class Overtaken extends Error {}

/** Goes on with one that may be at the provider already: a worker died with it, or its answer was lost. */
export async function submitAgain(services: Services, submitting: TransactionRow): Promise<void> {
  const { objection } = await askEverybody(services, submitting)
  if (objection) return withhold(services, submitting, objection)
  await handOver(services, submitting)
}

async function handOver(services: Services, submitting: TransactionRow): Promise<void> {
  const submission = submissionOf(submitting)
  const age = ageOf(services, submitting)
  try {
    // a key that may be forgotten would make a second one: what is known under it is followed, never replaced
    const known =
      age > KEY_LIFETIME ? await providerOf(services, submitting).find(submission, submitting.submitting_since!) : null
    const taken = known ?? (await providerOf(services, submitting).submit(submission, claimLeft(services, submitting)))
    await tookIt(services, submitting, taken)
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    await didNotTakeIt(services, submitting, error)
  }
}

/** Compliance or the chain refuses it now. Unless an earlier try has brought it on its way, it never is approved. */
async function withhold(services: Services, submitting: TransactionRow, objection: Objection): Promise<void> {
  const found = await lookUp(services, submitting)
  const { refusal_id, ...words } = factsOf(objection)
  if (found && found !== 'unanswered' && found.state !== 'awaiting-approval') {
    await tookIt(services, submitting, found)
    return
  }
  const isLate = isOverdue(services, submitting)
  if (found === 'unanswered' && isLate) return needsAttention(services, submitting, words)
  if (found === 'unanswered' || (objection.isSilence && !isLate))
    return postpone(services, submitting, nextLook(services, Math.max(1, submitting.attempts)), words)
  await failed(
    services,
    submitting,
    { ...words, refusal_id, ...(found && identityOf(found)) },
    {
      ...saidOf(objection),
      alongside: (trx, at) => keepDecision(trx, submitting, objection, dispatcher, at),
    },
  )
}

/**
 * The provider has it. What it said meanwhile, such as that a block has it, is not forgotten: a chain can be quicker than our commit, and
 * whoever is paid waits.
 */
async function tookIt(services: Services, submitting: TransactionRow, taken: Identity): Promise<void> {
  const now = services.clock.now()
  const taking = await advance(services, submitting, {
    to: 'submitted',
    principal: dispatcher,
    facts: { ...identityOf(taken), failure_reason: null, failure_message: null, refusal_id: null },
    nextAttemptAt: taken.transactionHash ? now : new Date(now.getTime() + nextLook(services, 1)),
    orSooner: true,
  })
  const isDue = taking?.next_attempt_at && taking.next_attempt_at <= services.clock.now()
  if (isDue) services.nudge.transaction(submitting.id)
}

async function didNotTakeIt(services: Services, submitting: TransactionRow, error: ProviderError): Promise<void> {
  const facts = { failure_reason: error.reason, failure_message: error.message }
  const isLate = isOverdue(services, submitting)
  const mayBeThere = submitting.attempts > 0
  const other = error.outcome === 'refused' ? await purposeOf(submitting).doneBy?.(services, submitting) : null
  if (other) {
    return tookIt(services, submitting, { reference: submitting.id, userOperationHash: null, transactionHash: other })
  }
  if (error.outcome === 'refused' && !mayBeThere) return failed(services, submitting, facts)

  if (error.outcome === 'refused' || isLate) {
    // an earlier try, whose answer was lost, may have been taken: the provider's records tell
    const found = await lookUp(services, submitting)
    if (found && found !== 'unanswered' && found.state !== 'awaiting-approval') {
      await tookIt(services, submitting, found)
      return
    }
    if (error.outcome === 'refused' && !found) return failed(services, submitting, facts)
    if (isLate)
      return needsAttention(services, submitting, {
        ...facts,
        ...(found !== 'unanswered' && found && identityOf(found)),
      })
  }
  services.log.warn({ transactionId: submitting.id, outcome: error.outcome, reason: error.reason }, 'not submitted yet')
  await postpone(services, submitting, error.retryAfter ?? nextLook(services, Math.max(1, submitting.attempts)), facts)
}

async function failed(
  services: Services,
  submitting: TransactionRow,
  facts: Facts,
  grounds: Pick<Move, 'data' | 'refusal' | 'alongside'> = {},
): Promise<void> {
  const moved = await advance(services, submitting, {
    to: 'failed',
    principal: dispatcher,
    facts,
    ...grounds,
    nextAttemptAt: lastLook(services),
    // whoever took the claim over may be handing it to the provider right now
    whileClaimed: true,
  })
  // calls that last longer than a claim must not put this off for ever
  if (!moved && isOverdue(services, submitting)) await needsAttention(services, submitting, facts)
}

async function needsAttention(services: Services, submitting: TransactionRow, facts: Facts): Promise<void> {
  await advance(services, submitting, {
    to: 'attention',
    principal: dispatcher,
    facts,
    nextAttemptAt: new Date(services.clock.now().getTime() + services.patience.look.longest),
  })
}

async function lookUp(services: Services, submitting: TransactionRow) {
  try {
    return await providerOf(services, submitting).find(submissionOf(submitting), submitting.submitting_since!)
  } catch (error) {
    if (error instanceof ProviderError) return 'unanswered' as const
    throw error
  }
}

type Identity = Pick<ProviderTransaction, 'reference' | 'userOperationHash' | 'transactionHash'>

const identityOf = (known: Identity): Facts => ({
  reference: known.reference,
  user_operation_hash: known.userOperationHash,
  transaction_hash: known.transactionHash,
})

/** Milliseconds since it was first handed to the provider. */
export const ageOf = (services: Services, { submitting_since }: TransactionRow): number =>
  services.clock.now().getTime() - submitting_since!.getTime()

/** Whether a person should know by now that its outcome is unknown. */
const isOverdue = (services: Services, submitting: TransactionRow): boolean =>
  ageOf(services, submitting) > services.patience.deadline

/** Milliseconds that this worker's claim on a transaction still holds. */
export const claimLeft = (services: Services, { next_attempt_at }: TransactionRow): number =>
  next_attempt_at!.getTime() - services.clock.now().getTime()

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

const isLaneTaken = (error: unknown): boolean =>
  (error as { code?: string }).code === '23505' &&
  (error as { constraint?: string }).constraint === 'transaction_alone_at_provider'
