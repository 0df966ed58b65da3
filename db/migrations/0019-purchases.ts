/** What we buy of others' paid APIs, what they answered, and on which terms it may be bought. */
export const purchases = {
  buying_policy: `
    create table if not exists buying_policy (
      id uuid primary key,
      app_id uuid not null references app (id),
      number int4 not null,
      state text not null check (state in ('draft', 'published', 'retired')),
      terms jsonb not null,
      approval_id uuid,
      created_at timestamptz not null,
      published_at timestamptz,
      version int8 not null,
      audit_head bytea not null,
      unique (app_id, number)
    )`,
  buying_policy_in_force: `
    create unique index if not exists buying_policy_in_force on buying_policy (app_id) where state = 'published'`,
  buying_policy_of_app: `
    create index if not exists buying_policy_of_app on buying_policy (app_id, created_at, id)`,

  // spent: what the meters have of it. authorization_nonce, valid_before: of the one authorization that may be signed for it. reference: HTTPayer's.
  // claimed_hash: the transaction that whoever was paid speaks of; transaction_hash: in which the chain shows it
  purchase: `
    create table if not exists purchase (
      id uuid primary key,
      app_id uuid not null references app (id),
      requested_by text not null,
      way text not null check (way in ('direct', 'httpayer')),
      method text not null,
      url text not null,
      state text not null check (state in ('requested', 'paying', 'completed', 'failed', 'refused', 'attention')),
      policy_id uuid,
      asset_id uuid,
      payer text,
      payee text,
      price numeric(78, 0),
      fee numeric(78, 0),
      spent numeric(78, 0) not null,
      authorization_nonce text,
      valid_before timestamptz,
      from_block int8,
      paying_at timestamptz,
      reference text,
      claimed_hash text,
      transaction_hash text,
      failure_reason text,
      failure_message text,
      checks jsonb not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      shard int4 not null,
      next_attempt_at timestamptz,
      attempts int4 not null,
      version int8 not null,
      audit_head bytea not null
    )`,
  purchase_of_app: `create index if not exists purchase_of_app on purchase (app_id, created_at, id)`,
  purchase_due: `
    create index if not exists purchase_due on purchase (shard, next_attempt_at) where next_attempt_at is not null`,
  // one transaction pays for one purchase
  purchase_paid_by: `
    create unique index if not exists purchase_paid_by on purchase (asset_id, transaction_hash)
    where transaction_hash is not null`,

  purchase_answer: `
    create table if not exists purchase_answer (
      purchase_id uuid primary key references purchase (id),
      status int4 not null,
      headers jsonb not null,
      body bytea not null,
      truncated boolean not null,
      created_at timestamptz not null
    )`,
} as const
