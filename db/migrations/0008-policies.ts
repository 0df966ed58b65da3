/** What compliance asks for, what it has counted, and what waits for an officer. */
export const policies = {
  // `version` counts the trail's leaves, as everywhere; `number` the versions of the app's policy
  policy: `
    create table if not exists policy (
      id uuid primary key,
      app_id uuid not null references app (id),
      number int4 not null,
      state text not null check (state in ('draft', 'published', 'retired')),
      rules jsonb not null,
      created_at timestamptz not null,
      published_at timestamptz,
      version int8 not null,
      audit_head bytea not null,
      unique (app_id, number)
    )`,
  policy_in_force: `create unique index if not exists policy_in_force on policy (app_id) where state = 'published'`,
  policy_of_app: `create index if not exists policy_of_app on policy (app_id, created_at, id)`,

  // what was paid within a window: a row for each wallet or app, asset and window that a policy limits
  meter: `
    create table if not exists meter (
      app_id uuid not null,
      key text not null,
      version int8 not null,
      buckets jsonb not null,
      primary key (app_id, key)
    )`,

  // what a decision was made on; null in rows from before there were policies
  decision_policy: `alter table decision add column if not exists policy_id uuid`,
  decision_policy_number: `alter table decision add column if not exists policy_number int4`,
  decision_commitment: `alter table decision add column if not exists commitment bytea`,
  decision_of_app: `create index if not exists decision_of_app on decision (app_id, created_at, id)`,

  // a payment that waits for an officer has its transaction, which waits with it
  transaction_states: [
    'alter table transaction drop constraint if exists transaction_state_check',
    'alter table transaction drop constraint if exists check_state',
    'alter table transaction drop constraint if exists transaction_state_known',
    `alter table transaction add constraint transaction_state_known check (state in ('held', 'queued', 'submitting', 'submitted',
      'confirmed', 'failed', 'attention', 'cancelled', 'refused', 'expired'))`,
  ],

  // the version of the rules that a transaction which waits was last asked about
  transaction_screened: `alter table transaction add column if not exists screened_version int8 not null default 0`,
  transaction_to_screen: `
    create index if not exists transaction_to_screen on transaction (app_id, screened_version) where state in ('held', 'queued')`,
  // why compliance refused what it had accepted; null in all others
  transaction_refusal: `alter table transaction add column if not exists refusal_id uuid`,

  review: `
    create table if not exists review (
      id uuid primary key,
      app_id uuid not null,
      payment_id uuid not null unique,
      decision_id uuid not null,
      requested_by text not null,
      state text not null check (state in ('open', 'approved', 'denied', 'expired', 'obsolete')),
      assigned_to text,
      decided_by text,
      note text,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      decided_at timestamptz,
      shard int4 not null,
      next_attempt_at timestamptz,
      attempts int4 not null,
      version int8 not null,
      audit_head bytea not null,
      constraint review_by_another_person check (decided_by <> requested_by)
    )`,
  review_of_app: `create index if not exists review_of_app on review (app_id, created_at, id)`,
  review_due: `create index if not exists review_due on review (shard, next_attempt_at) where next_attempt_at is not null`,
}
