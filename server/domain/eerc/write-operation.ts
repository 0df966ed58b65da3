import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { OperationRelease } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { insertApproval } from '../approvals/request-approval.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { commitmentOf, subjectOf } from '../compliance/decide.ts'
import type { CountedMeter } from '../compliance/meters.ts'
import { hasRoom } from '../compliance/meters.ts'
import { withPayment } from '../compliance/usage.ts'
import { type AppPrincipal, actorOf } from '../principal.ts'
import { shardOf } from '../shard.ts'
import { chainName } from '../wire.ts'
import { actionRecord } from './action-record.ts'
import { callRecord } from './call-record.ts'
import type { Considered } from './consider-wish.ts'

/** What was considered is no longer so: consider it again. */
export class RulesMoved extends Error {}

/** An operation about to be accepted, with the ids of all that is made with it. */
interface NewOperationRow {
  id: string
  transactionId: string
  decisionId: string
  reason: string | null
  considered: Considered
}

/**
 * Writes an operation with its decision, transaction, audit leaf and event, and the approval it needs; counts it in the meters of the policy.
 *
 * @throws RulesMoved when lists, policy or meters are no longer what was decided on; FORBIDDEN
 */
export async function writeOperation(
  trx: Kysely<Database>,
  services: Services,
  principal: AppPrincipal,
  { id, transactionId, decisionId, reason, considered }: NewOperationRow,
): Promise<void> {
  const { token, wallet, action, question, answer, rulesVersion, policy, meters, chain, needsApproval } = considered
  const { appId } = principal
  const now = services.clock.now()
  await requireRules(trx, appId, rulesVersion)
  for (const meter of meters) await countIn(trx, appId, meter, { now, amount: question.amount })

  const state = needsApproval ? 'held' : 'accepted'
  const approvalId = needsApproval ? randomUUID() : null
  const fields = actionRecord(action)
  await trx
    .insertInto('decision')
    .values({
      id: decisionId,
      app_id: appId,
      action: question.action,
      outcome: answer.outcome,
      subject: JSON.stringify(subjectOf(question)),
      checks: JSON.stringify(answer.checks),
      list_version: rulesVersion,
      policy_id: policy.id,
      policy_number: policy.version,
      commitment: commitmentOf(question),
      created_at: question.at,
    })
    .execute()
  const step = nextStep(emptyTrail, {
    object: { type: 'operation', id, appId },
    principal,
    type: `operation.${state}`,
    at: now,
    data: {
      action: fields,
      approval: approvalId,
      block: String(chain.block),
      chain: chainName(token.chain_id),
      decision: decisionId,
      listVersion: String(rulesVersion),
      policyVersion: policy.version,
      reason,
      state,
      token: token.id,
      transaction: transactionId,
      wallet: wallet.id,
    },
    snapshot: {
      id,
      tokenId: token.id,
      walletId: wallet.id,
      action,
      state,
      requestedBy: actorOf(principal),
      reason,
      approvalId,
      decisionId,
      transactionId,
      transactionHash: null,
      blockNumber: null,
      failure: null,
      settledAt: null,
      createdAt: now,
      updatedAt: now,
    },
  })
  await trx
    .insertInto('eerc_operation')
    .values({
      id,
      app_id: appId,
      token_id: token.id,
      wallet_id: wallet.id,
      type: action.type,
      action: JSON.stringify(fields),
      payer: question.parties.payer,
      recipient: question.parties.recipient,
      amount: question.amount,
      state,
      requested_by: actorOf(principal),
      reason,
      approval_id: approvalId,
      decision_id: decisionId,
      transaction_id: transactionId,
      created_at: now,
      updated_at: now,
      ...step.head,
    })
    .execute()
  // the database asks for the operation of a transaction
  await trx
    .insertInto('transaction')
    .values({
      id: transactionId,
      purpose: 'operation',
      app_id: appId,
      wallet_id: wallet.id,
      chain_id: token.chain_id,
      provider: wallet.provider,
      sender: wallet.address,
      calls: callRecord(chain.call!, transactionId),
      state: needsApproval ? 'held' : 'queued',
      shard: shardOf(transactionId),
      next_attempt_at: needsApproval ? null : now,
      attempts: 0,
      screened_version: rulesVersion,
      created_at: now,
      updated_at: now,
      version: 1n,
    })
    .execute()
  await append(trx, step)
  if (!approvalId) return
  const { type: operation, ...rest } = fields
  const release: OperationRelease = {
    type: action.type === 'transfer' ? 'eerc.transfer' : 'eerc.operate',
    operationId: id,
    transactionId,
    tokenId: token.id,
    operation: String(operation),
    fields: rest,
  }
  await insertApproval(trx, services, principal, {
    approvalId,
    appId,
    action: release,
    reason: reason ?? 'The policy wants this transfer to be reviewed.',
  })
}

/** @throws RulesMoved */
async function requireRules(trx: Kysely<Database>, appId: string, version: bigint): Promise<void> {
  const rules = await trx
    .selectFrom('list_version')
    .select('app_id')
    .where('app_id', '=', appId)
    .where('version', '=', version)
    .executeTakeFirst()
  if (!rules) throw new RulesMoved()
}

/** Counts in a meter, if there is room in it as it is now. @throws RulesMoved */
async function countIn(
  trx: Kysely<Database>,
  appId: string,
  meter: CountedMeter,
  counted: { now: Date; amount: bigint },
): Promise<void> {
  const row = await trx
    .selectFrom('meter')
    .select(['version', 'buckets'])
    .where('app_id', '=', appId)
    .where('key', '=', meter.key)
    .executeTakeFirst()
  const state = row ?? { version: 0n, buckets: [] }
  if (!hasRoom(meter, state, counted)) throw new RulesMoved()
  const buckets = JSON.stringify(withPayment(state.buckets, meter.windowSeconds, counted.now, counted.amount))
  const version = state.version + 1n
  await trx
    .insertInto('meter')
    .values({ app_id: appId, key: meter.key, version, buckets })
    .onConflict((conflict) => conflict.columns(['app_id', 'key']).doUpdateSet({ version, buckets }))
    .execute()
}
