import { sql } from 'kysely'
import { atomically } from '../../../db/transaction.ts'
import type { Payment } from '../../contract/entities.ts'
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
  const { head, audit, event } = nextStep(emptyTrail, {
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
      sql<{ accepted: boolean }>`
        with held as (
          select 1 from paywall p join list_version v on v.app_id = p.app_id
          where p.id = ${paywall.id}::uuid and p.version = ${paywall.version}::int8
            and (p.expires_at is null or p.expires_at > ${now}::timestamptz)
            and v.version = ${decision.listVersion}::int8
        ), key as (
          insert into idempotency (app_id, subject, procedure, key, request_hash, resource_id, created_at)
          select ${intention.app_id}::uuid, ${intention.subject}::text, ${intention.procedure}::text, ${intention.key}::text,
            ${intention.request_hash}::bytea, ${id}::uuid, ${now}::timestamptz
          from held
          on conflict (app_id, subject, procedure, key) do nothing
          returning resource_id
        ), decided as (
          insert into decision (id, app_id, action, outcome, subject, checks, list_version, created_at)
          select ${decisionId}::uuid, ${intention.app_id}::uuid, 'payment', ${decision.outcome}::text,
            ${JSON.stringify({ payer: wallet.address, recipient })}::jsonb, ${JSON.stringify(decision.checks)}::jsonb,
            ${decision.listVersion}::int8, ${now}::timestamptz
          from key
        ), queued as (
          insert into transaction (id, app_id, wallet_id, chain_id, provider, sender, calls, state, shard, next_attempt_at,
            attempts, created_at, updated_at, version)
          select ${transactionId}::uuid, ${intention.app_id}::uuid, ${wallet.id}::uuid, ${asset.chainId}::int8,
            ${services.provider.name}::text, ${wallet.address}::text,
            ${JSON.stringify(calls, (_, value) => (typeof value === 'bigint' ? String(value) : value))}::jsonb, 'queued',
            ${shardOf(transactionId)}::int4, ${now}::timestamptz, 0, ${now}::timestamptz, ${now}::timestamptz, 1
          from key
        ), paid as (
          insert into payment (id, app_id, paywall_id, wallet_id, asset_id, transaction_id, decision_id, payer, recipient,
            amount, state, created_at, updated_at, version, audit_head)
          select ${id}::uuid, ${intention.app_id}::uuid, ${paywall.id}::uuid, ${wallet.id}::uuid, ${asset.id}::uuid,
            ${transactionId}::uuid, ${decisionId}::uuid, ${wallet.address}::text, ${recipient}::text, ${amount}::numeric,
            'accepted', ${now}::timestamptz, ${now}::timestamptz, ${head.version}::int8, ${head.audit_head}::bytea
          from key
        ), audited as (
          insert into audit (stream, sequence, app_id, body, hash)
          select ${id}::uuid, ${audit.sequence}::int8, ${intention.app_id}::uuid, ${audit.body}::bytea, ${audit.hash}::bytea
          from key
        ), told as (
          insert into event (object_id, sequence, object_type, app_id, type, data, created_at)
          select ${id}::uuid, ${event.sequence}::int8, 'payment', ${intention.app_id}::uuid, ${event.type}::text,
            ${event.data}::jsonb, ${now}::timestamptz
          from key
        )
        select exists (select from key) as accepted`.execute(db),
    { idempotent: true },
  )
  return rows[0]!.accepted ? payment : null
}
