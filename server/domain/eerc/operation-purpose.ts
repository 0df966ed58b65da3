import { type Kysely, sql } from 'kysely'
import type { Database, EercOperationRow, TransactionRow } from '../../../db/schema.ts'
import type { TokenAction } from '../../contract/eerc.ts'
import type { Check } from '../../contract/entities.ts'
import type { EventType } from '../../contract/events.ts'
import { viewBlock } from '../../gateways/chain/tokens/block-view.ts'
import { proveEffect } from '../../gateways/chain/tokens/events.ts'
import { simulate } from '../../gateways/chain/tokens/simulate.ts'
import { ownLogs } from '../../gateways/chain/transfer-in-receipt.ts'
import { nextStep } from '../audit/trail.ts'
import { type RefusalRecord, refusedBy, storedRefusal } from '../compliance/failure-of.ts'
import type { DecidedAction } from '../compliance/question.ts'
import { paymentStates } from '../payments/states.ts'
import { mayBecome } from '../states.ts'
import type { Asked, Purpose } from '../transactions/purpose.ts'
import { paymentStateOf } from '../transactions/states.ts'
import { toldOf } from '../transactions/told-of.ts'
import { asAddress, asHash } from '../wire.ts'
import { actionOf, detailsOf, holdersOf } from './action-record.ts'
import { askChain } from './ask-chain.ts'
import { callRecord } from './call-record.ts'
import { operationOf, ownColumns } from './operation-of.ts'
import { profileOf, tokenColumns } from './token-of.ts'

/** A transaction that is an operation on a token: asked about on the chain before it is submitted, settled by the log of its effect. */
export const operationPurpose: Purpose = {
  async follow({ db }, from, move, now) {
    const moved = { ...from, ...move.facts, state: move.to }
    const operation = await operationServed(db, from, storedRefusal(moved, move))
    if (!operation) return null
    const state = paymentStateOf[moved.state]
    const changed = state !== operation.state
    if (changed && !mayBecome(paymentStates, operation.state, state))
      throw new Error(`operation ${operation.id}: ${operation.state} cannot become ${state}`)
    const type: EventType = changed ? `operation.${state}` : 'transaction.submitted'
    const settledAt = state === 'settled' ? now : null
    const step = nextStep(operation, {
      object: { type: 'operation', id: operation.id, appId: operation.app_id },
      principal: move.principal,
      type,
      at: now,
      data: { state, ...toldOf(moved), ...move.data },
      snapshot: operationOf({
        ...moved,
        ...operation,
        ...{ state, settled_at: settledAt, updated_at: now, refusal: move.refusal ?? operation.refusal ?? null },
      }),
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
            settled_at = ${settledAt}::timestamptz,
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
      .select([
        'operation.action',
        'operation.transaction_id',
        'wallet.user_id',
        'eerc_token.asset_id',
        'approval.state as approval',
      ])
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
            details: detailsOf(actionOf(row.action)),
            at: clock.now(),
          },
          isReviewed: row.approval === 'approved',
        },
      ]),
    )
  },

  async isBehindOthers(db, queued) {
    const { action, token } = await tokenServed(db, queued)
    const others = await db
      .selectFrom('eerc_operation')
      .select('action')
      .where('token_id', '=', token.id)
      .where(sql<boolean>`state = 'submitted'`)
      .where('transaction_id', '<>', queued.id)
      .execute()
    return others.some((other) => mayChange(actionOf(other.action), action))
  },

  async ready(services, transaction) {
    const { action, token } = await tokenServed(services.db, transaction)
    const { checks, call } = await askChain(services, token, action, {
      address: transaction.sender,
      provider: transaction.provider,
    })
    const stored = JSON.stringify(transaction.calls)
    const calls = call ? callRecord(call, transaction.id) : stored
    const mayBeSent = transaction.state !== 'queued'
    const all = mayBeSent && call && !isSameCall(calls, stored) ? [...checks, outdated] : checks
    return { calls: mayBeSent ? stored : calls, checks: all, against: all.filter(({ outcome }) => outcome !== 'allow') }
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

  async whyReverted(_, { sender, calls }, chain, { blockNumber: number, blockHash: hash }) {
    const [call] = calls
    const { outcome, code, message } = await simulate(viewBlock(chain.rpc, { number, hash }), {
      from: asAddress(sender),
      to: asAddress(call!.to),
      data: asAddress(call!.data),
    })
    return outcome === 'allow' ? null : { reason: code, message }
  },
}

/**
 * Whether what one operation does may change what the chain says to another. What an issuer has done waits for nobody but the issuer, so that
 * no holder can hold up a freeze by sending.
 */
function mayChange(one: TokenAction, other: TokenAction): boolean {
  if (one.type === 'transfer') return other.type === 'transfer' && other.from === one.from
  const [holders, others] = [holdersOf(one), holdersOf(other)]
  return holders === 'everybody' || others === 'everybody' || holders.some((holder) => others.includes(holder))
}

const isSameCall = (calls: string, stored: string): boolean => {
  const [[one], [other]] = [JSON.parse(calls), JSON.parse(stored)] as [{ data: string }[], { data: string }[]]
  return one?.data === other?.data
}

/** Where a token only knows changes, its call is right in one state alone. */
const outdated: Check = {
  rule: 'token-call',
  outcome: 'deny',
  code: 'CALL_OUTDATED',
  message: 'The call leads from a state in which the token is no longer.',
  list: null,
  evidence: null,
  remedy: 'Ask for the operation again.',
}

type Served = Omit<EercOperationRow, 'type' | 'payer' | 'recipient' | 'amount'> & { refusal?: RefusalRecord | null }

/** The operation that a transaction serves, with a refusal; undefined if the transaction has moved on since it was read. */
const operationServed = (
  db: Kysely<Database>,
  { id, version }: Pick<TransactionRow, 'id' | 'version'>,
  refusalId: string | null,
): Promise<Served | undefined> =>
  db
    .selectFrom('eerc_operation')
    .innerJoin('transaction', 'transaction.id', 'eerc_operation.transaction_id')
    .select([...ownColumns, 'eerc_operation.app_id', 'eerc_operation.version', 'eerc_operation.audit_head'])
    .$if(refusalId !== null, (query) => query.select(refusedBy(sql`${refusalId}::uuid`).as('refusal')))
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
