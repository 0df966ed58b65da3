/** Who calls: the pages and people of an app, their sessions, and what needs a second person's word. */
export const callers = {
  // the pages that may use an app from a browser
  app_origin: `
    create table if not exists app_origin (
      origin text not null,
      app_id uuid not null references app (id),
      created_at timestamptz not null,
      primary key (origin, app_id)
    )`,
  app_origin_of_app: `create index if not exists app_origin_of_app on app_origin (app_id)`,

  // a person in an app, known by an address and by nothing else
  app_user: `
    create table if not exists app_user (
      id uuid primary key,
      app_id uuid not null references app (id),
      address text not null,
      roles text[] not null,
      created_at timestamptz not null,
      version int8 not null,
      audit_head bytea not null,
      unique (app_id, address)
    )`,
  app_user_of_app: `create index if not exists app_user_of_app on app_user (app_id, created_at, id)`,

  // a row is deleted by whoever uses its nonce: the second finds none
  challenge: `
    create table if not exists challenge (
      nonce_hash bytea primary key,
      app_id uuid not null,
      user_id uuid,
      address text not null,
      chain_id int8 not null,
      origin text not null,
      message text not null,
      expires_at timestamptz not null
    )`,

  // last_seen_at is written now and then, outside of the trail
  session: `
    create table if not exists session (
      id uuid primary key,
      app_id uuid not null,
      user_id uuid not null references app_user (id),
      secret_hash bytea not null,
      address text not null,
      created_at timestamptz not null,
      last_seen_at timestamptz not null,
      expires_at timestamptz not null,
      revoked_at timestamptz,
      version int8 not null,
      audit_head bytea not null
    )`,
  session_of_user: `create index if not exists session_of_user on session (user_id, created_at, id)`,

  approval: `
    create table if not exists approval (
      id uuid primary key,
      app_id uuid not null references app (id),
      action jsonb not null,
      reason text not null,
      state text not null check (state in ('requested', 'approved', 'rejected', 'expired')),
      requested_by text not null,
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
      constraint approval_by_another_person check (decided_by <> requested_by),
      constraint approval_decided_by_somebody check (state not in ('approved', 'rejected') or decided_by is not null)
    )`,
  approval_due: `
    create index if not exists approval_due on approval (shard, next_attempt_at) where next_attempt_at is not null`,
  approval_of_app: `create index if not exists approval_of_app on approval (app_id, created_at, id)`,

  // null is everything that keys of its kind may do
  api_key_scopes: `alter table api_key add column if not exists scopes text[]`,
  api_key_last_used: `alter table api_key add column if not exists last_used_at timestamptz`,

  wallet_user: `alter table wallet add column if not exists user_id uuid`,
  wallet_of_user: `create index if not exists wallet_of_user on wallet (user_id, created_at, id) where user_id is not null`,
  paywall_merchant: `alter table paywall add column if not exists merchant_id uuid`,
  paywall_of_merchant: `
    create index if not exists paywall_of_merchant on paywall (merchant_id, created_at, id) where merchant_id is not null`,
}
