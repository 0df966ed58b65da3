/** Tokens whose contracts decide who may hold and move them, and what is done with them. */
export const eerc = {
  /** What a transaction is for: an object of another table owns it. */
  transaction_purpose: `
    alter table transaction add column if not exists purpose text not null default 'payment'
      check (purpose in ('payment', 'operation'))`,

  eerc_token: `
    create table if not exists eerc_token (
      id uuid primary key,
      app_id uuid not null references app (id),
      asset_id uuid not null references asset (id),
      kind text not null check (kind in ('permissioned', 'encrypted')),
      standard text,
      agent_wallet_id uuid references wallet (id),
      capabilities jsonb not null,
      roles jsonb not null,
      created_at timestamptz not null,
      version int8 not null,
      audit_head bytea not null,
      unique (app_id, asset_id),
      check ((kind = 'encrypted') = (standard is null))
    )`,
  eerc_token_of_app: `create index if not exists eerc_token_of_app on eerc_token (app_id, created_at, id)`,

  // whatever is done for an issuer has an approval, and is done by nobody without it
  eerc_operation: `
    create table if not exists eerc_operation (
      id uuid primary key,
      app_id uuid not null references app (id),
      token_id uuid not null references eerc_token (id),
      wallet_id uuid not null references wallet (id),
      type text not null,
      action jsonb not null,
      payer text not null,
      recipient text not null,
      amount numeric(78, 0) not null,
      state text not null check (state in ('held', 'accepted', 'submitted', 'settled', 'failed', 'attention', 'cancelled', 'refused', 'expired')),
      requested_by text not null,
      reason text,
      approval_id uuid unique,
      decision_id uuid not null,
      transaction_id uuid not null unique,
      settled_at timestamptz,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      version int8 not null,
      audit_head bytea not null,
      check (type = 'transfer' or approval_id is not null)
    )`,
  eerc_operation_of_app: `create index if not exists eerc_operation_of_app on eerc_operation (app_id, created_at, id)`,
  eerc_operation_of_token: `create index if not exists eerc_operation_of_token on eerc_operation (token_id, created_at, id)`,
  eerc_operation_of_wallet: `create index if not exists eerc_operation_of_wallet on eerc_operation (wallet_id, created_at, id)`,
} as const
