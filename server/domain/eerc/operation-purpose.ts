import { type Kysely, sql } from 'kysely'
import type { Database, EercOperationRow, TransactionRow } from '../../../db/schema.ts'
import type { EventType } from '../../contract/events.ts'
import { proveEffect } from '../../gateways/chain/tokens/events.ts'
import { ownLogs } from '../../gateways/chain/transfer-in-receipt.ts'
import { nextStep } from '../audit/trail.ts'
import type { DecidedAction } from '../compliance/question.ts'
import { paymentStates } from '../payments/states.ts'
import { referenceOf } from '../payments/transfer-calls.ts'
import { mayBecome } from '../states.ts'
import type { Asked, Purpose } from '../transactions/purpose.ts'
import { paymentStateOf } from '../transactions/states.ts'
import { toldOf } from '../transactions/told-of.ts'
import { asAddress, asHash } from '../wire.ts'
import { actionOf } from './action-record.ts'
import { askChain } from './ask-chain.ts'
import { callRecords } from './call-records.ts'
import { profileOf, tokenColumns } from './token-of.ts'

/** A transaction that is an operation on a token: asked about on the chain before it is submitted, settled by the log of its effect. */
export const operationPurpose: Purpose = {
  async follow({ db }, from, move, now) {
    const operation = await operationServed(db, from)
    if (!operation) return null
    const moved = { ...from, ...move.facts, state: move.to }
    const state = paymentStateOf[moved.state]
    const changed = state !== operation.state
    if (changed && !mayBecome(paymentStates, operation.state, state))
      throw new Error(`operation ${operation.id}: ${operation.state} cannot become ${state}`)
    const type: EventType = changed ? `operation.${state}` : 'transaction.submitted'
    const step = nextStep(operation, {
      object: { type: 'operation', id: operation.id, appId: operation.app_id },
      principal: move.principal,
      type,
      at: now,
      data: { state, ...toldOf(moved), ...move.data },
    })
    const { head } = step
    // whatever else goes wrong, the database lets none go that a second person has not approved
    const isLetGo = ['queued', 'submitting', 'submitted'].includes(move.to)
    return {
      step,
      stands: sql`exists (
        select 1 from eerc_operation where id = ${operation.id}::uuid and version = ${operation.version}::int8
          and (approval_id is null or not ${isLetGo}::bool or exists (
            select 1 from approval where approval.id = eerc_operation.approval_id and approval.state = 'approved'
              and approval.decided_by <> approval.requested_by)))`,
      changes: [
        sql`
          update eerc_operation set state = ${state}::text, updated_at = ${now}::timestamptz,
            settled_at = ${state === 'settled' ? now : null}::timestamptz,
            version = ${head.version}::int8, audit_head = ${head.audit_head}::bytea
          where id = ${operation.id}::uuid and exists (select 1 from moved)`,
      ],
    }
  },

  async ask({ db, clock }, transactions) {
    const rows = await db
      .selectFrom('eerc_operation as operation')
      .innerJoin('wallet', 'wallet.id', 'operation.wallet_id')
      .innerJoin('eerc_token', 'eerc_token.id', 'operation.token_id')
      .leftJoin('approval', 'approval.id', 'operation.approval_id')
      .select(['operation.type', 'operation.payer', 'operation.recipient', 'operation.amount', 'operation.wallet_id'])
      .select(['operation.transaction_id', 'wallet.user_id', 'eerc_token.asset_id', 'approval.state as approval'])
      .where(
        'operation.transaction_id',
        'in',
        transactions.map(({ id }) => id),
      )
      .execute()
    return new Map(
      rows.map((row): [string, Asked] => [
        row.transaction_id,
        {
          question: {
            action: `eerc.${row.type}` as DecidedAction,
            parties: { payer: asAddress(row.payer), recipient: asAddress(row.recipient) },
            walletId: row.wallet_id,
            userId: row.user_id,
            assetId: row.asset_id,
            amount: row.amount,
            at: clock.now(),
          },
          isReviewed: row.approval === 'approved',
        },
      ]),
    )
  },

  async ready(services, queued) {
    const { action, token } = await tokenServed(services.db, queued)
    const { checks, call } = await askChain(services, token, action, {
      address: queued.sender,
      provider: queued.provider,
    })
    const against = checks.filter(({ outcome }) => outcome !== 'allow')
    const calls = call ? callRecords(call, referenceOf(queued.id)) : JSON.stringify(queued.calls)
    return { calls, checks, against }
  },

  async prove({ db }, transaction, { entryPoints }, receipt) {
    const { action, token } = await tokenServed(db, transaction)
    const operationHash = transaction.user_operation_hash
    const own = ownLogs(receipt, { operationHash: operationHash ? asHash(operationHash) : null, entryPoints })
    if ('because' in own) return { proven: false, because: own.because }
    const [call] = transaction.calls
    const proof = proveEffect(
      profileOf(token)!,
      action,
      { from: asAddress(transaction.sender), to: asAddress(call!.to), data: asAddress(call!.data) },
      own.logs,
    )
    return proof.proven ? proof : { proven: false, because: 'absent' }
  },
}

/** The operation that a transaction serves; undefined if the transaction has moved on since it was read. */
const operationServed = (
  db: Kysely<Database>,
  { id, version }: Pick<TransactionRow, 'id' | 'version'>,
): Promise<Pick<EercOperationRow, 'id' | 'app_id' | 'state' | 'version' | 'audit_head'> | undefined> =>
  db
    .selectFrom('eerc_operation')
    .innerJoin('transaction', 'transaction.id', 'eerc_operation.transaction_id')
    .select(['eerc_operation.id', 'eerc_operation.app_id', 'eerc_operation.state', 'eerc_operation.version'])
    .select('eerc_operation.audit_head')
    .where('transaction.id', '=', id)
    .where('transaction.version', '=', version)
    .executeTakeFirst()

async function tokenServed(db: Kysely<Database>, { id }: Pick<TransactionRow, 'id'>) {
  const { action, ...token } = await db
    .selectFrom('eerc_operation')
    .innerJoin('eerc_token', 'eerc_token.id', 'eerc_operation.token_id')
    .innerJoin('asset', 'asset.id', 'eerc_token.asset_id')
    .select(tokenColumns)
    .select('eerc_operation.action')
    .where('eerc_operation.transaction_id', '=', id)
    .executeTakeFirstOrThrow()
  return { action: actionOf(action), token }
}
