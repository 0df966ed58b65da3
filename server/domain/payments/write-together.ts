import { type Kysely, type RawBuilder, sql } from 'kysely'
import { codeOf } from '../../../db/retry.ts'
import type { Database } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'
import { taking } from '../x402/taken-authorization.ts'
import type { Acceptance } from './acceptance.ts'
import type { Count } from './meter-book.ts'

/** Of a group that was to be written: those whose conditions held, and those that were made. By ids of payments. */
export interface Outcome {
  held: Set<string>
  made: Set<string>
}

/**
 * Writes a group of acceptances.
 *
 * What is counted is made together or not at all: a meter says how much was accepted, and each of them is in it. If a key was used
 * meanwhile, which shows only as the rows are written, the meters of the group refuse it (see {@link isKeyTaken}).
 *
 * The statement reads nothing that other payments write, not even their keys: under SERIALIZABLE each such read would make
 * payments that have nothing to do with each other repeat one another.
 */
export async function writeTogether(
  db: Kysely<Database>,
  acceptances: readonly Acceptance[],
  count: Count | null,
): Promise<Outcome> {
  const column = <T>(of: (acceptance: Acceptance) => T): T[] => acceptances.map(of)
  const authorized = acceptances.filter(({ authorization }) => authorization !== null)
  const taken = authorized.length > 0 ? authorized : null
  const name = `write${count ? '-counted' : ''}${taken ? '-authorized' : ''}-acceptances`
  const { rows } = await atomically(
    db,
    (one) =>
      sql<{
        id: string
        made: boolean
      }>`/* prepared: ${sql.raw(name)} */
        with given as (
          select app_id, subject, procedure, key, request_hash, now, id, transaction_id, decision_id, paywall_id,
            paywall_version, list_version, wallet_id, payer, recipient, asset_id, chain_id, amount, outcome, decided_on,
            checks, policy_id, policy_number, commitment, decided_at, provider, sender, calls, shard, due, body, hash, facts
          from unnest(
            ${column((a) => a.intention.app_id)}::uuid[], ${column((a) => a.intention.subject)}::text[],
            ${column((a) => a.intention.procedure)}::text[], ${column((a) => a.intention.key)}::text[],
            ${column((a) => a.intention.request_hash)}::bytea[], ${column((a) => a.now)}::timestamptz[],
            ${column((a) => a.id)}::uuid[], ${column((a) => a.transactionId)}::uuid[], ${column((a) => a.decisionId)}::uuid[],
            ${column((a) => a.paywall.id)}::uuid[], ${column((a) => a.paywall.version)}::int8[],
            ${column((a) => a.rulesVersion)}::int8[], ${column((a) => a.walletId)}::uuid[], ${column((a) => a.payer)}::text[],
            ${column((a) => a.recipient)}::text[], ${column((a) => a.assetId)}::uuid[], ${column((a) => a.chainId)}::int8[],
            ${column((a) => a.amount)}::numeric[], ${column((a) => a.decision.outcome)}::text[],
            ${column((a) => a.decision.subject)}::text[], ${column((a) => a.decision.checks)}::text[],
            ${column((a) => a.decision.policyId)}::uuid[], ${column((a) => a.decision.policyNumber)}::int4[],
            ${column((a) => a.decision.commitment)}::bytea[], ${column((a) => a.decision.at)}::timestamptz[],
            ${column((a) => a.provider)}::text[], ${column((a) => a.sender)}::text[], ${column((a) => a.calls)}::text[], ${column((a) => a.shard)}::int4[], ${column((a) => a.due)}::timestamptz[],
            ${column((a) => a.audit.body)}::bytea[], ${column((a) => a.audit.hash)}::bytea[], ${column((a) => a.facts)}::text[]
          ) as q (app_id, subject, procedure, key, request_hash, now, id, transaction_id, decision_id, paywall_id,
            paywall_version, list_version, wallet_id, payer, recipient, asset_id, chain_id, amount, outcome, decided_on,
            checks, policy_id, policy_number, commitment, decided_at, provider, sender, calls, shard, due, body, hash, facts)
        ), held as (
          select given.id as held_id from given
          join paywall on paywall.id = given.paywall_id and paywall.version = given.paywall_version
            and (paywall.expires_at is null or paywall.expires_at > given.now)
          join list_version on list_version.app_id = given.app_id and list_version.version = given.list_version
        ), ${count ? measuring(count) : sql``} made as (
          insert into idempotency (app_id, subject, procedure, key, request_hash, resource_id, created_at)
          select app_id, subject, procedure, key, request_hash, id, now from given join held on held_id = id
          ${count ? sql`where (select ready from readiness)` : sql``}
          on conflict (app_id, subject, procedure, key) do nothing
          returning resource_id as made_id
        ), ${count ? counting(count) : sql``} decided as (
          insert into decision (id, app_id, action, outcome, subject, checks, list_version, policy_id, policy_number,
            commitment, created_at)
          select decision_id, app_id, 'payment', outcome, decided_on::jsonb, checks::jsonb, list_version, policy_id,
            policy_number, commitment, decided_at
          from given join made on made_id = id
        ), queued as (
          insert into transaction (id, app_id, wallet_id, chain_id, provider, sender, calls, state, shard, next_attempt_at,
            attempts, screened_version, created_at, updated_at, version)
          select transaction_id, app_id, wallet_id, chain_id, provider, sender, calls::jsonb,
            case outcome when 'review' then 'held' else 'queued' end, shard,
            case outcome when 'review' then null else due end, 0, list_version, now, now, 1
          from given join made on made_id = id
        ), paid as (
          insert into payment (id, app_id, paywall_id, wallet_id, asset_id, transaction_id, decision_id, payer, recipient,
            amount, state, created_at, updated_at, version, audit_head)
          select id, app_id, paywall_id, wallet_id, asset_id, transaction_id, decision_id, payer, recipient, amount,
            case outcome when 'review' then 'held' else 'accepted' end, now, now, 1, hash
          from given join made on made_id = id
        ), ${count ? toReview(acceptances) : sql``} ${taken ? taking(taken) : sql``} audited as (
          insert into audit (stream, sequence, app_id, body, hash)
          select id, 1, app_id, body, hash from given join made on made_id = id
          ${count ? sql`union all select review_id, 1, app_id, body, hash from to_review` : sql``}
          ${taken ? sql`union all select payer_id, 1, app_id, body, hash from payers` : sql``}
        ), told as (
          insert into event (object_id, sequence, object_type, app_id, type, data, created_at)
          select id, 1, 'payment', app_id, case outcome when 'review' then 'payment.held' else 'payment.accepted' end,
            facts::jsonb, now
          from given join made on made_id = id
          ${count ? sql`union all select review_id, 1, 'review', app_id, 'review.opened', facts::jsonb, now from to_review` : sql``}
          ${taken ? sql`union all select payer_id, 1, 'wallet', app_id, 'wallet.created', facts::jsonb, now from payers` : sql``}
        )
        select held_id as id, exists (select 1 from made where made_id = held_id) as made from held`.execute(one),
    { idempotent: true },
  )
  const idsOf = (those: typeof rows) => new Set(those.map(({ id }) => id))
  return { held: idsOf(rows), made: idsOf(rows.filter(({ made }) => made)) }
}

/** Whether a group was not written because a key in it was used meanwhile. Any other null would be a defect of ours. */
export const isKeyTaken = (error: unknown): boolean => codeOf(error) === '23502'

/** The part of the statement that looks before anything is made: all is ready if all hold, and no meter was counted in meanwhile. */
const measuring = ({ acceptances, entries }: Count): RawBuilder<unknown> => sql`
        measured as (
          select app_id, key, expected, buckets
          from unnest(${entries.map(({ appId }) => appId)}::uuid[], ${entries.map(({ key }) => key)}::text[],
            ${entries.map(({ expected }) => expected)}::int8[], ${entries.map(({ buckets }) => buckets)}::text[])
            as q (app_id, key, expected, buckets)
        ), readiness as (
          select (select count(*) from held) = ${acceptances.length}::int8
            and (
              select count(*) from measured left join meter on meter.app_id = measured.app_id and meter.key = measured.key
              where coalesce(meter.version, 0) = measured.expected
            ) = ${entries.length}::int8 as ready
        ),`

/** The part that counts. Where not all of the group could be made, the version comes out as null, which its column refuses. */
const counting = ({ acceptances }: Count): RawBuilder<unknown> => sql`
        counted as (
          insert into meter (app_id, key, version, buckets)
          select app_id, key, case when (select count(*) from made) = ${acceptances.length}::int8 then expected + 1 end, buckets::jsonb
          from measured where (select ready from readiness)
          on conflict (app_id, key) do update set version = excluded.version, buckets = excluded.buckets
        ),`

/** The part of the statement that puts held payments before an officer. */
function toReview(acceptances: readonly Acceptance[]): RawBuilder<unknown> {
  const reviews = acceptances.flatMap(({ id, intention, decisionId, now, review }) =>
    review ? [{ ...review, paymentId: id, appId: intention.app_id, decisionId, now }] : [],
  )
  const column = <T>(of: (review: (typeof reviews)[number]) => T): T[] => reviews.map(of)
  return sql`to_review as (
          select review_id, app_id, payment_id, decision_id, requested_by, now, expires_at, shard, body, hash, facts
          from unnest(${column((r) => r.id)}::uuid[], ${column((r) => r.appId)}::uuid[], ${column((r) => r.paymentId)}::uuid[],
              ${column((r) => r.decisionId)}::uuid[], ${column((r) => r.requestedBy)}::text[],
              ${column((r) => r.now)}::timestamptz[], ${column((r) => r.expiresAt)}::timestamptz[],
              ${column((r) => r.shard)}::int4[], ${column((r) => r.audit.body)}::bytea[],
              ${column((r) => r.audit.hash)}::bytea[], ${column((r) => r.facts)}::text[])
            as q (review_id, app_id, payment_id, decision_id, requested_by, now, expires_at, shard, body, hash, facts)
          join made on made_id = payment_id
        ), put_before as (
          insert into review (id, app_id, payment_id, decision_id, requested_by, state, created_at, expires_at, shard,
            next_attempt_at, attempts, version, audit_head)
          select review_id, app_id, payment_id, decision_id, requested_by, 'open', now, expires_at, shard, expires_at, 0, 1,
            hash
          from to_review
        ),`
}
