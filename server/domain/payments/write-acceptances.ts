import { type Kysely, sql } from 'kysely'
import { coalesce } from '../../../db/coalesce.ts'
import { codeOf } from '../../../db/retry.ts'
import type { Database } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'
import type { Intention } from '../idempotency.ts'

/** Everything that is written when a payment is accepted. */
export interface Acceptance {
  id: string
  transactionId: string
  decisionId: string
  intention: Intention
  now: Date
  /** Holds while the paywall has this version and the lists this one. */
  paywall: { id: string; version: bigint }
  listVersion: bigint
  walletId: string
  payer: string
  recipient: string
  assetId: string
  chainId: bigint
  amount: bigint
  decision: { outcome: string; subject: string; checks: string }
  provider: string
  calls: string
  shard: number
  audit: { body: Buffer; hash: Buffer }
  facts: string
}

/** Writes an acceptance. False, and nothing written: what it rests on has changed, or its key was used meanwhile. */
export type WriteAcceptance = (acceptance: Acceptance) => Promise<boolean>

type Written = { accepted: boolean } | { error: unknown }

/** Commits that may be under way at a time: enough to hide the database's latency, few enough that each carries several. */
const COMMITS = 2

/**
 * Writes acceptances: idempotency row, decision, queued transaction, payment, audit leaf and event of each, in one statement and
 * one commit for all that come at a time. They do not depend on each other: one whose conditions do not hold leaves the others as
 * they are, and if the data of one is refused, each is written by itself.
 */
export function acceptanceWriter(db: Kysely<Database>): WriteAcceptance {
  const write = coalesce(async (acceptances: Acceptance[]): Promise<Map<Acceptance, Written>> => {
    try {
      const accepted = await writeTogether(db, acceptances)
      return new Map(acceptances.map((acceptance) => [acceptance, { accepted: accepted.has(acceptance.id) }]))
    } catch (error) {
      if (acceptances.length === 1 || !/^2[23]/.test(codeOf(error))) throw error
      const alone = acceptances.map(async (acceptance): Promise<[Acceptance, Written]> => {
        const written = writeTogether(db, [acceptance])
        return [
          acceptance,
          await written.then(
            ({ size }) => ({ accepted: size > 0 }),
            (its) => ({ error: its }),
          ),
        ]
      })
      return new Map(await Promise.all(alone))
    }
  }, COMMITS)

  return async (acceptance) => {
    const written = (await write(acceptance))!
    if ('error' in written) throw written.error
    return written.accepted
  }
}

/**
 * Answers with the ids of the payments that were made.
 *
 * The statement reads nothing that other payments write, not even their keys: under SERIALIZABLE each such read would make
 * payments that have nothing to do with each other repeat one another.
 */
async function writeTogether(db: Kysely<Database>, acceptances: readonly Acceptance[]): Promise<Set<string>> {
  const column = <T>(of: (acceptance: Acceptance) => T): T[] => acceptances.map(of)
  const { rows } = await atomically(
    db,
    (one) =>
      sql<{ id: string }>`/* prepared: write-acceptances */
        with given as (
          select app_id, subject, procedure, key, request_hash, now, id, transaction_id, decision_id, paywall_id,
            paywall_version, list_version, wallet_id, payer, recipient, asset_id, chain_id, amount, outcome, decided_on,
            checks, provider, calls, shard, body, hash, facts
          from unnest(
            ${column((a) => a.intention.app_id)}::uuid[], ${column((a) => a.intention.subject)}::text[],
            ${column((a) => a.intention.procedure)}::text[], ${column((a) => a.intention.key)}::text[],
            ${column((a) => a.intention.request_hash)}::bytea[], ${column((a) => a.now)}::timestamptz[],
            ${column((a) => a.id)}::uuid[], ${column((a) => a.transactionId)}::uuid[], ${column((a) => a.decisionId)}::uuid[],
            ${column((a) => a.paywall.id)}::uuid[], ${column((a) => a.paywall.version)}::int8[],
            ${column((a) => a.listVersion)}::int8[], ${column((a) => a.walletId)}::uuid[], ${column((a) => a.payer)}::text[],
            ${column((a) => a.recipient)}::text[], ${column((a) => a.assetId)}::uuid[], ${column((a) => a.chainId)}::int8[],
            ${column((a) => a.amount)}::numeric[], ${column((a) => a.decision.outcome)}::text[],
            ${column((a) => a.decision.subject)}::text[], ${column((a) => a.decision.checks)}::text[],
            ${column((a) => a.provider)}::text[], ${column((a) => a.calls)}::text[], ${column((a) => a.shard)}::int4[],
            ${column((a) => a.audit.body)}::bytea[], ${column((a) => a.audit.hash)}::bytea[], ${column((a) => a.facts)}::text[]
          ) as q (app_id, subject, procedure, key, request_hash, now, id, transaction_id, decision_id, paywall_id,
            paywall_version, list_version, wallet_id, payer, recipient, asset_id, chain_id, amount, outcome, decided_on,
            checks, provider, calls, shard, body, hash, facts)
        ), held as (
          select given.id as held_id from given
          join paywall on paywall.id = given.paywall_id and paywall.version = given.paywall_version
            and (paywall.expires_at is null or paywall.expires_at > given.now)
          join list_version on list_version.app_id = given.app_id and list_version.version = given.list_version
        ), made as (
          insert into idempotency (app_id, subject, procedure, key, request_hash, resource_id, created_at)
          select app_id, subject, procedure, key, request_hash, id, now from given join held on held_id = id
          on conflict (app_id, subject, procedure, key) do nothing
          returning resource_id as made_id
        ), decided as (
          insert into decision (id, app_id, action, outcome, subject, checks, list_version, created_at)
          select decision_id, app_id, 'payment', outcome, decided_on::jsonb, checks::jsonb, list_version, now
          from given join made on made_id = id
        ), queued as (
          insert into transaction (id, app_id, wallet_id, chain_id, provider, sender, calls, state, shard, next_attempt_at,
            attempts, created_at, updated_at, version)
          select transaction_id, app_id, wallet_id, chain_id, provider, payer, calls::jsonb, 'queued', shard, now, 0, now,
            now, 1
          from given join made on made_id = id
        ), paid as (
          insert into payment (id, app_id, paywall_id, wallet_id, asset_id, transaction_id, decision_id, payer, recipient,
            amount, state, created_at, updated_at, version, audit_head)
          select id, app_id, paywall_id, wallet_id, asset_id, transaction_id, decision_id, payer, recipient, amount,
            'accepted', now, now, 1, hash
          from given join made on made_id = id
        ), audited as (
          insert into audit (stream, sequence, app_id, body, hash)
          select id, 1, app_id, body, hash from given join made on made_id = id
        ), told as (
          insert into event (object_id, sequence, object_type, app_id, type, data, created_at)
          select id, 1, 'payment', app_id, 'payment.accepted', facts::jsonb, now from given join made on made_id = id
        )
        select made_id as id from made`.execute(one),
    { idempotent: true },
  )
  return new Set(rows.map(({ id }) => id))
}
