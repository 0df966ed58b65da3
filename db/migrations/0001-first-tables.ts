/**
 * The first tables, a statement each: CockroachDB commits every DDL statement on its own, so each is a migration of its own
 * and safe to repeat.
 *
 * Conventions: ids are random UUIDs (time-ordered ones make a hot range); amounts are `numeric(78,0)` base units; a row with a
 * trail carries `version` (its number of audit leaves) and `audit_head` (the hash of the last one), so that the next leaf is
 * chained by the very update that changes the row. Rows that are work carry `(shard, next_attempt_at)`; a row without
 * work has no `next_attempt_at` and is not in that index.
 */
export const firstTables = {
  app: `
    create table if not exists app (
      id uuid primary key,
      name text not null,
      created_at timestamptz not null,
      version int8 not null,
      audit_head bytea not null
    )`,

  // app_id is null for a key of the platform's operators
  api_key: `
    create table if not exists api_key (
      id uuid primary key,
      app_id uuid references app (id),
      name text not null,
      prefix text not null,
      hash bytea not null unique,
      created_at timestamptz not null,
      expires_at timestamptz,
      revoked_at timestamptz,
      version int8 not null,
      audit_head bytea not null
    )`,
  api_key_of_app: `create index if not exists api_key_of_app on api_key (app_id, created_at)`,

  asset: `
    create table if not exists asset (
      id uuid primary key,
      chain_id int8 not null,
      address text not null,
      symbol text not null,
      decimals int4 not null,
      created_at timestamptz not null,
      version int8 not null,
      audit_head bytea not null,
      unique (chain_id, address)
    )`,

  wallet: `
    create table if not exists wallet (
      id uuid primary key,
      app_id uuid not null references app (id),
      kind text not null check (kind in ('custodial', 'external', 'treasury')),
      provider text not null check (provider in ('crossmint', 'local', 'none')),
      address text not null,
      owner text not null,
      created_at timestamptz not null,
      version int8 not null,
      audit_head bytea not null,
      unique (app_id, kind, owner),
      unique (app_id, address)
    )`,
  wallet_of_app: `create index if not exists wallet_of_app on wallet (app_id, created_at, id)`,
  wallet_address: `create index if not exists wallet_address on wallet (address)`,

  paywall: `
    create table if not exists paywall (
      id uuid primary key,
      app_id uuid not null references app (id),
      title text not null,
      asset_id uuid not null references asset (id),
      price numeric(78, 0) not null check (price > 0),
      recipient text not null,
      access_seconds int8 check (access_seconds > 0),
      state text not null check (state in ('open', 'archived')),
      expires_at timestamptz,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      version int8 not null,
      audit_head bytea not null
    )`,
  paywall_of_app: `create index if not exists paywall_of_app on paywall (app_id, created_at, id)`,

  decision: `
    create table if not exists decision (
      id uuid primary key,
      app_id uuid not null,
      action text not null,
      outcome text not null check (outcome in ('allow', 'deny', 'review')),
      subject jsonb not null,
      checks jsonb not null,
      list_version int8 not null,
      created_at timestamptz not null
    )`,

  // the version of an app's lists: what a decision was made on, and what a commit holds it to
  list_version: `
    create table if not exists list_version (
      app_id uuid primary key,
      version int8 not null,
      updated_at timestamptz not null
    )`,

  list_entry: `
    create table if not exists list_entry (
      id uuid primary key,
      app_id uuid not null references app (id),
      list text not null,
      kind text not null check (kind in ('deny')),
      address text not null,
      reason text not null,
      source text not null,
      created_at timestamptz not null,
      removed_at timestamptz,
      version int8 not null,
      audit_head bytea not null
    )`,
  list_entry_of_address: `
    create unique index if not exists list_entry_of_address on list_entry (app_id, address, list) where removed_at is null`,
  list_entry_of_app: `create index if not exists list_entry_of_app on list_entry (app_id, created_at, id)`,

  transaction: `
    create table if not exists transaction (
      id uuid primary key,
      app_id uuid not null,
      wallet_id uuid not null references wallet (id),
      chain_id int8 not null,
      provider text not null,
      sender text not null,
      calls jsonb not null,
      state text not null check (state in
        ('queued', 'submitting', 'submitted', 'confirmed', 'failed', 'attention', 'cancelled', 'refused')),
      reference text,
      user_operation_hash text,
      transaction_hash text,
      block_number int8,
      block_hash text,
      log_index int4,
      failure_reason text,
      failure_message text,
      shard int4 not null,
      next_attempt_at timestamptz,
      attempts int4 not null,
      submitting_since timestamptz,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      version int8 not null
    )`,
  transaction_due: `
    create index if not exists transaction_due on transaction (shard, next_attempt_at) where next_attempt_at is not null`,
  // one in flight for each wallet and chain: the provider's nonce order is not ours to race
  transaction_in_flight: `
    create unique index if not exists transaction_in_flight on transaction (wallet_id, chain_id)
      where state in ('submitting', 'submitted')`,
  transaction_waiting: `
    create index if not exists transaction_waiting on transaction (wallet_id, chain_id, created_at, id) where state = 'queued'`,
  transaction_of_user_operation: `
    create unique index if not exists transaction_of_user_operation on transaction (user_operation_hash)
      where user_operation_hash is not null`,
  transaction_of_hash: `
    create index if not exists transaction_of_hash on transaction (transaction_hash) where transaction_hash is not null`,
  transaction_of_reference: `
    create unique index if not exists transaction_of_reference on transaction (provider, reference) where reference is not null`,
  // a transfer on the chain settles one transaction of ours, never two
  transaction_of_log: `
    create unique index if not exists transaction_of_log on transaction (transaction_hash, log_index, chain_id)
      where log_index is not null`,

  // transaction_id is no foreign key: both rows are written by one statement, and under SERIALIZABLE the check would read
  // what every other payment writes
  payment: `
    create table if not exists payment (
      id uuid primary key,
      app_id uuid not null,
      paywall_id uuid not null references paywall (id),
      wallet_id uuid not null references wallet (id),
      asset_id uuid not null,
      transaction_id uuid not null unique,
      decision_id uuid not null,
      payer text not null,
      recipient text not null,
      amount numeric(78, 0) not null check (amount > 0),
      state text not null check (state in
        ('held', 'accepted', 'submitted', 'settled', 'failed', 'attention', 'cancelled', 'refused', 'expired')),
      settled_at timestamptz,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      version int8 not null,
      audit_head bytea not null
    )`,
  payment_of_app: `create index if not exists payment_of_app on payment (app_id, created_at, id)`,
  access: `
    create table if not exists access (
      id uuid primary key,
      app_id uuid not null,
      paywall_id uuid not null,
      wallet_id uuid not null,
      payment_id uuid not null unique references payment (id),
      starts_at timestamptz not null,
      expires_at timestamptz,
      revoked_at timestamptz,
      created_at timestamptz not null
    )`,
  access_of_wallet: `create index if not exists access_of_wallet on access (wallet_id, paywall_id)`,
  access_of_app: `create index if not exists access_of_app on access (app_id, created_at, id)`,

  idempotency: `
    create table if not exists idempotency (
      app_id uuid not null,
      subject text not null,
      procedure text not null,
      key text not null,
      request_hash bytea not null,
      resource_id uuid not null,
      created_at timestamptz not null,
      primary key (app_id, subject, procedure, key)
    )`,

  webhook_inbox: `
    create table if not exists webhook_inbox (
      provider text not null,
      event_id text not null,
      body bytea not null,
      state text not null check (state in ('received', 'processed', 'rejected')),
      result text,
      shard int4 not null,
      next_attempt_at timestamptz,
      attempts int4 not null,
      received_at timestamptz not null,
      processed_at timestamptz,
      primary key (provider, event_id)
    )`,
  webhook_inbox_due: `
    create index if not exists webhook_inbox_due on webhook_inbox (shard, next_attempt_at) where next_attempt_at is not null`,

  event: `
    create table if not exists event (
      object_id uuid not null,
      sequence int8 not null,
      object_type text not null,
      app_id uuid not null,
      type text not null,
      data jsonb not null,
      created_at timestamptz not null,
      primary key (object_id, sequence)
    )`,

  audit: `
    create table if not exists audit (
      stream uuid not null,
      sequence int8 not null,
      app_id uuid not null,
      body bytea not null,
      hash bytea not null,
      primary key (stream, sequence)
    )`,
} as const
