import { sql } from 'kysely'
import { atomically } from '../../../db/transaction.ts'
import type { Payment } from '../../contract/entities.ts'
import type { Call } from '../../gateways/wallet-provider.ts'
import type { Services } from '../../services.ts'
import { emptyTrail, nextStep } from '../audit/trail.ts'
import type { Intention } from '../idempotency.ts'
import type { AppPrincipal } from '../principal.ts'
import { shardOf } from '../shard.ts'
import { chainName } from '../wire.ts'
import type { Offer } from './offer.ts'
import { transferCalls } from './transfer-calls.ts'

/** A payment about to be accepted, with the ids of all that is made with it. */
export interface Acceptance {
  id: string
  transactionId: string
  decisionId: string
  intention: Intention
  offer: Offer
}

/**
 * Writes an accepted payment: idempotency row, decision, queued transaction, payment, audit leaf and event in one statement,
 * hence in one commit and one round trip. It writes nothing and answers null if the paywall or the lists are no longer what
 * the offer was made on, or if the key was used meanwhile: read the offer again.
 *
 * The statement reads nothing that other payments write, not even its own key: under SERIALIZABLE each such read would make
 * payments that have nothing to do with each other repeat one another.
 */
export async function acceptPayment(
  services: Services,
  principal: AppPrincipal,
  { id, transactionId, decisionId, intention, offer }: Acceptance,
): Promise<Payment | null> {
  const now = services.clock.now()
  const { paywall, wallet, asset, recipient, amount, decision } = offer
  const calls = transferCalls(transactionId, asset.address, recipient, amount)
  const payment: Payment = {
    id,
    paywallId: paywall.id,
    walletId: wallet.id,
    assetId: asset.id,
    chain: chainName(asset.chainId),
    payer: wallet.address,
    recipient,
    amount,
    state: 'accepted',
    decisionId,
    transactionId,
    transactionHash: null,
    blockNumber: null,
    failure: null,
    settledAt: null,
    createdAt: now,
    updatedAt: now,
  }
  const { audit, event } = nextStep(emptyTrail, {
    object: { type: 'payment', id, appId: principal.appId },
    principal,
    type: 'payment.accepted',
    at: now,
    data: {
      amount: String(amount),
      asset: asset.id,
      chain: payment.chain,
      decision: decisionId,
      listVersion: String(decision.listVersion),
      payer: wallet.address,
      paywall: paywall.id,
      recipient,
      state: 'accepted',
      transaction: transactionId,
      wallet: wallet.id,
    },
  })

  const { rows } = await atomically(
    services.db,
    (db) =>
      sql<{ accepted: boolean }>`/* prepared: accept-payment */
        with given as (
          select ${intention.app_id}::uuid as app_id, ${intention.subject}::text as subject,
            ${intention.procedure}::text as procedure, ${intention.key}::text as key,
            ${intention.request_hash}::bytea as request_hash, ${now}::timestamptz as now,
            ${id}::uuid as id, ${transactionId}::uuid as transaction_id, ${decisionId}::uuid as decision_id,
            ${paywall.id}::uuid as paywall_id, ${paywall.version}::int8 as paywall_version,
            ${wallet.id}::uuid as wallet_id, ${wallet.address}::text as payer, ${recipient}::text as recipient,
            ${asset.id}::uuid as asset_id, ${asset.chainId}::int8 as chain_id, ${amount}::numeric as amount,
            ${decision.outcome}::text as outcome, ${JSON.stringify(decision.checks)}::jsonb as checks,
            ${decision.listVersion}::int8 as list_version,
            ${JSON.stringify({ payer: wallet.address, recipient })}::jsonb as decided_on,
            ${services.provider.name}::text as provider, ${callRecords(calls)}::jsonb as calls,
            ${shardOf(transactionId)}::int4 as shard, ${audit.body}::bytea as body, ${audit.hash}::bytea as hash,
            ${event.data}::jsonb as facts
        ), held as (
          select given.id as held_id from given
          join paywall on paywall.id = given.paywall_id and paywall.version = given.paywall_version
            and (paywall.expires_at is null or paywall.expires_at > given.now)
          join list_version on list_version.app_id = given.app_id and list_version.version = given.list_version
        ), made as (
          insert into idempotency (app_id, subject, procedure, key, request_hash, resource_id, created_at)
          select app_id, subject, procedure, key, request_hash, id, now from given, held
          on conflict (app_id, subject, procedure, key) do nothing
          returning resource_id as made_id
        ), decided as (
          insert into decision (id, app_id, action, outcome, subject, checks, list_version, created_at)
          select decision_id, app_id, 'payment', outcome, decided_on, checks, list_version, now from given, made
        ), queued as (
          insert into transaction (id, app_id, wallet_id, chain_id, provider, sender, calls, state, shard, next_attempt_at,
            attempts, created_at, updated_at, version)
          select transaction_id, app_id, wallet_id, chain_id, provider, payer, calls, 'queued', shard, now, 0, now, now, 1
          from given, made
        ), paid as (
          insert into payment (id, app_id, paywall_id, wallet_id, asset_id, transaction_id, decision_id, payer, recipient,
            amount, state, created_at, updated_at, version, audit_head)
          select id, app_id, paywall_id, wallet_id, asset_id, transaction_id, decision_id, payer, recipient, amount,
            'accepted', now, now, 1, hash
          from given, made
        ), audited as (
          insert into audit (stream, sequence, app_id, body, hash)
          select id, 1, app_id, body, hash from given, made
        ), told as (
          insert into event (object_id, sequence, object_type, app_id, type, data, created_at)
          select id, 1, 'payment', app_id, 'payment.accepted', facts, now from given, made
        )
        select exists (select from made) as accepted`.execute(db),
    { idempotent: true },
  )
  return rows[0]!.accepted ? payment : null
}

const callRecords = (calls: readonly Call[]): string =>
  JSON.stringify(calls.map(({ to, value, data }) => ({ to, value: String(value), data })))
