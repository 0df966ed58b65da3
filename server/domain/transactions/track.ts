import type { TransactionRow } from '../../../db/schema.ts'
import type { Hash } from '../../contract/entities.ts'
import { type Chain, ChainUnavailable, type Receipt } from '../../gateways/chain/chain.ts'
import { ProviderError, type ProviderTransaction } from '../../gateways/wallet-provider.ts'
import type { Services } from '../../services.ts'
import type { Principal } from '../principal.ts'
import { asAddress, asHash } from '../wire.ts'
import { advance, type Facts } from './advance.ts'
import { askEverybody } from './ask-compliance.ts'
import { awaitReported, dismiss } from './follow-signed.ts'
import { finish, lastLook, nextLook, postpone } from './postpone.ts'
import { providerOf } from './provider-of.ts'
import { purposeOf } from './purpose.ts'
import { ageOf, claimLeft, KEY_LIFETIME, submissionOf } from './submit.ts'

const tracker: Principal = { kind: 'system', name: 'tracker' }

/**
 * Looks for the truth about a transaction in flight: the chain first, then the provider's view, then the chain again where
 * that view says so. Only logs on the chain settle; only the chain and the provider together fail.
 */
export async function trackInFlight(services: Services, transaction: TransactionRow): Promise<void> {
  try {
    await lookFor(services, transaction)
  } catch (error) {
    if (!(error instanceof ChainUnavailable) || !isOverdue(services, transaction)) throw error
    await needsAttention(services, transaction, { failure_reason: 'chain_unavailable', failure_message: error.message })
  }
}

async function lookFor(services: Services, transaction: TransactionRow): Promise<void> {
  const chain = services.chains.get(transaction.chain_id)!
  if (transaction.provider === 'external') {
    const reported = transaction.transaction_hash
    const receipt = reported ? await chain.receipt(asHash(reported)) : null
    return receipt ? judge(services, transaction, chain, receipt) : awaitReported(services, transaction, chain)
  }
  const operationHash = transaction.user_operation_hash
  let hash = transaction.transaction_hash
  let view: ProviderTransaction | null = null

  if (!hash && operationHash) hash = (await chain.userOperation(asHash(operationHash)))?.transactionHash ?? null
  if (!hash) {
    view = await providerView(services, transaction)
    hash = view?.transactionHash ?? null
  }
  const receipt = hash ? await chain.receipt(asHash(hash)) : null
  if (receipt) return judge(services, transaction, chain, receipt)

  // a hash that no block carries: it was dropped, or the provider replaced it
  if (hash && operationHash) {
    const moved = await chain.userOperation(asHash(operationHash))
    const there = moved && (await chain.receipt(moved.transactionHash))
    if (there) return judge(services, transaction, chain, there)
  }
  view ??= await providerView(services, transaction)
  await believeProvider(services, transaction, view)
}

/** Settles or fails a transaction by what its receipt proves. */
async function judge(services: Services, transaction: TransactionRow, chain: Chain, receipt: Receipt): Promise<void> {
  const facts: Facts = {
    transaction_hash: receipt.transactionHash,
    block_number: receipt.blockNumber,
    block_hash: receipt.blockHash,
  }
  const depth = (await chain.blockNumber()) - receipt.blockNumber + 1n
  if (depth < BigInt(chain.confirmations) && isOverdue(services, transaction))
    return needsAttention(services, transaction, {
      failure_reason: 'not_confirmed',
      failure_message: `Only ${depth} blocks of chain ${chain.chainId} carry the transaction or follow it.`,
    })
  if (depth < BigInt(chain.confirmations))
    return postpone(services, transaction, services.patience.look.first, { transaction_hash: receipt.transactionHash })

  const proof = await purposeOf(transaction).prove(services, transaction, chain, receipt)
  if (proof.proven) {
    await advance(services, transaction, {
      to: 'confirmed',
      principal: tracker,
      facts: { ...facts, log_index: proof.logIndex, failure_reason: null, failure_message: null, refusal_id: null },
      nextAttemptAt: new Date(services.clock.now().getTime() + services.patience.look.longest),
    }).catch((error) => {
      if (!isLogTaken(error)) throw error
      // another of the payer's took it just now: there may be one more in the same chain transaction
      if (transaction.provider === 'external') return postpone(services, transaction, 0)
      return needsAttention(services, transaction, {
        failure_reason: 'transfer_counted_already',
        failure_message: 'The transfer that the chain shows has settled another payment.',
      })
    })
  } else if (proof.because === 'reverted') {
    const other = await purposeOf(transaction).doneBy?.(services, transaction)
    if (other && other !== receipt.transactionHash) return follow(services, transaction, other)
    const failure =
      (await purposeOf(transaction).whyReverted?.(services, transaction, chain, receipt)) ??
      (transaction.provider === 'external' ? null : await providerView(services, transaction))?.failure
    await advance(services, transaction, {
      to: 'failed',
      principal: tracker,
      facts: {
        ...facts,
        failure_reason: failure?.reason ?? 'execution_reverted',
        failure_message: failure?.message ?? 'It was reverted on the chain. Check the balance and the token.',
      },
      nextAttemptAt: lastLook(services),
    })
  } else if (transaction.provider === 'external') {
    await dismiss(services, transaction, receipt, proof.because)
  } else {
    await needsAttention(services, transaction, {
      ...facts,
      failure_reason: 'transfer_not_found',
      failure_message: 'The chain transaction succeeded, but its logs do not show what was asked for.',
    })
  }
}

/** Goes on with the chain transaction of somebody else that has done it. */
async function follow(services: Services, transaction: TransactionRow, hash: Hash): Promise<void> {
  await postpone(services, transaction, 0, { transaction_hash: hash })
  services.nudge.transaction(transaction.id)
}

/** Without a receipt: what the provider says, within the limits of what can be believed. */
async function believeProvider(
  services: Services,
  transaction: TransactionRow,
  view: ProviderTransaction | null,
): Promise<void> {
  const age = ageOf(services, transaction)
  if (view?.state === 'failed' && view.failure) {
    const facts = { failure_reason: view.failure.reason, failure_message: view.failure.message }
    const other = await purposeOf(transaction).doneBy?.(services, transaction)
    if (other) return follow(services, transaction, other)
    // "did not land" is the provider's word about the chain: the chain has a while to say otherwise
    if (!mayStillLand(view.failure.reason) || age > services.patience.disbelief) {
      await advance(services, transaction, {
        to: 'failed',
        principal: tracker,
        facts,
        nextAttemptAt: lastLook(services),
      })
      return
    }
  }
  // our approval got lost: the same submission approves it again
  if (view?.state === 'awaiting-approval' && transaction.state === 'submitted' && age <= KEY_LIFETIME)
    await approveAgain(services, transaction)
  if (isOverdue(services, transaction))
    return needsAttention(services, transaction, {
      failure_reason: 'deadline_passed',
      failure_message: `Neither the chain nor ${transaction.provider} knows an outcome (its view: ${view?.state ?? 'no answer'}).`,
    })
  await postpone(services, transaction, nextLook(services, transaction.attempts))
}

async function approveAgain(services: Services, transaction: TransactionRow): Promise<void> {
  if ((await askEverybody(services, transaction)).objection) return
  await providerOf(services, transaction)
    .submit(submissionOf(transaction), claimLeft(services, transaction))
    .catch((error) => {
      if (!(error instanceof ProviderError)) throw error
    })
}

/** Whether a person should be told by now, and was not yet. */
function isOverdue(services: Services, transaction: TransactionRow): boolean {
  if (transaction.state !== 'submitted') return false
  // whoever signs it themselves may take their time: what they report is given its own
  const sinceReported = services.clock.now().getTime() - transaction.updated_at.getTime()
  const age = transaction.provider === 'external' ? sinceReported : ageOf(services, transaction)
  return age > services.patience.deadline
}

const isLogTaken = (error: unknown): boolean =>
  (error as { code?: string }).code === '23505' &&
  (error as { constraint?: string }).constraint === 'transaction_of_log'

const mayStillLand = (reason: string) => !['build_failed', 'sanctioned_wallet_address'].includes(reason)

async function needsAttention(services: Services, transaction: TransactionRow, facts: Facts): Promise<void> {
  if (transaction.state === 'attention') return postpone(services, transaction, services.patience.look.longest)
  await advance(services, transaction, {
    to: 'attention',
    principal: tracker,
    facts,
    nextAttemptAt: new Date(services.clock.now().getTime() + services.patience.look.longest),
  })
}

/**
 * Looks at a settled transaction again until it is so deep that the chain will not drop it. If the chain has dropped it, its
 * access is taken back and a person is told.
 */
export async function watchUntilFinal(services: Services, confirmed: TransactionRow): Promise<void> {
  const chain = services.chains.get(confirmed.chain_id)!
  const receipt = await chain.receipt(asHash(confirmed.transaction_hash!))
  if (!receipt || receipt.blockHash !== confirmed.block_hash) {
    await advance(services, confirmed, {
      to: 'attention',
      principal: tracker,
      facts: {
        block_number: null,
        block_hash: null,
        log_index: null,
        // what its payer's wallet puts in its place may be in the blocks that replace it
        ...(confirmed.provider === 'external' && { searched_block: confirmed.block_number! - 1n }),
        failure_reason: 'dropped_by_chain',
        failure_message: 'The block that settled it is no longer part of the chain.',
      },
      nextAttemptAt: services.clock.now(),
    })
    services.nudge.transaction(confirmed.id)
    return
  }
  const depth = (await chain.blockNumber()) - receipt.blockNumber + 1n
  if (depth > BigInt(chain.finality)) return finish(services, confirmed)
  await postpone(services, confirmed, nextLook(services, confirmed.attempts))
}

/**
 * Looks at a failed transaction again, when something hints at it and once at last: if it is on the chain or on its way there,
 * somebody was told wrong, and a person must know.
 */
export async function checkFailed(services: Services, failed: TransactionRow): Promise<void> {
  const chain = services.chains.get(failed.chain_id)!
  // what was refused may have been taken by a try that we know nothing of
  const found = failed.reference
    ? null
    : await providerOf(services, failed).find(submissionOf(failed), failed.submitting_since!)
  const operationHash = failed.user_operation_hash ?? found?.userOperationHash
  const operation = operationHash ? await chain.userOperation(asHash(operationHash)) : null
  const other = await purposeOf(failed).doneBy?.(services, failed)
  if (other || operation?.succeeded || found?.state === 'pending' || found?.state === 'success') {
    await needsAttention(services, failed, {
      ...(found && { reference: found.reference, user_operation_hash: found.userOperationHash }),
      ...(operation && { transaction_hash: operation.transactionHash }),
      ...(other && { transaction_hash: other }),
      failure_reason: 'landed_after_failure',
      failure_message:
        'It was told to have failed, but the chain carries it or the provider is about to bring it there.',
    })
    services.nudge.transaction(failed.id)
    return
  }
  const untilLast = failed.updated_at.getTime() + services.patience.deadline - services.clock.now().getTime()
  if (untilLast > 0) await postpone(services, failed, untilLast)
  else await finish(services, failed)
}

/** Null when the provider does not answer, or was never known to have it. */
async function providerView(services: Services, transaction: TransactionRow): Promise<ProviderTransaction | null> {
  try {
    return transaction.reference
      ? await providerOf(services, transaction).get(asAddress(transaction.sender), transaction.reference)
      : await providerOf(services, transaction).find(submissionOf(transaction), transaction.submitting_since!)
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    services.log.warn({ transactionId: transaction.id, reason: error.reason }, 'the provider did not tell')
    return null
  }
}
