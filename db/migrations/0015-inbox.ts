/** Webhooks as operators look for them: by what they are and how far they came. One that cannot be processed is dead, and kept. */
export const inbox = {
  // rows have an id of their own, and a trail once an operator did something with them
  webhook_inbox_id: `alter table webhook_inbox add column if not exists id uuid not null default gen_random_uuid()`,
  webhook_inbox_version: `alter table webhook_inbox add column if not exists version int8 not null default 0`,
  webhook_inbox_audit_head: `
    alter table webhook_inbox add column if not exists audit_head bytea not null
      default '\\x0000000000000000000000000000000000000000000000000000000000000000'`,
  webhook_inbox_type: `alter table webhook_inbox add column if not exists type text`,
  // deliveries under its id that had another body
  webhook_inbox_conflicts: `alter table webhook_inbox add column if not exists conflicts int4 not null default 0`,
  webhook_inbox_last_error: `alter table webhook_inbox add column if not exists last_error text`,

  webhook_inbox_states: [
    // as PostgreSQL and CockroachDB named it
    'alter table webhook_inbox drop constraint if exists webhook_inbox_state_check',
    'alter table webhook_inbox drop constraint if exists check_state',
    'alter table webhook_inbox drop constraint if exists webhook_inbox_state_known',
    `alter table webhook_inbox add constraint webhook_inbox_state_known
      check (state in ('received', 'processed', 'rejected', 'dead'))`,
  ],

  webhook_inbox_by_id: `create unique index if not exists webhook_inbox_by_id on webhook_inbox (id)`,
  webhook_inbox_by_state: `
    create index if not exists webhook_inbox_by_state on webhook_inbox (state, received_at desc, id desc)`,
  webhook_inbox_by_source: `
    create index if not exists webhook_inbox_by_source on webhook_inbox (provider, received_at desc, id desc)`,
  webhook_inbox_by_type: `
    create index if not exists webhook_inbox_by_type on webhook_inbox (type, received_at desc, id desc)
      where type is not null`,
} as const
