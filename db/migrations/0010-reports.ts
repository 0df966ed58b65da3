/** Reports with the bytes of their files, what is kept longer than its time for a matter of law, and what was deleted when its time was over. */
export const reports = {
  // schedule: null for one that somebody asked for; one of each schedule, app and period, however many instances have a clock
  report: `
    create table if not exists report (
      id uuid primary key,
      app_id uuid not null references app (id),
      kinds text[] not null,
      period_from timestamptz not null,
      period_to timestamptz not null,
      schedule text,
      state text not null check (state in ('requested', 'ready', 'failed', 'expired')),
      requested_by text not null,
      failure text,
      manifest jsonb,
      content_id uuid,
      created_at timestamptz not null,
      finished_at timestamptz,
      shard int4 not null,
      next_attempt_at timestamptz,
      attempts int4 not null,
      version int8 not null,
      audit_head bytea not null,
      unique (app_id, schedule, period_from),
      check (period_from < period_to)
    )`,
  report_of_app: `create index if not exists report_of_app on report (app_id, created_at, id)`,
  report_due: `create index if not exists report_due on report (shard, next_attempt_at) where next_attempt_at is not null`,

  // Files in parts that a row can hold. content_id: of the attempt that wrote them; the report names the one that counts.
  report_file: `
    create table if not exists report_file (
      report_id uuid not null,
      content_id uuid not null,
      name text not null,
      part int4 not null,
      content text not null,
      created_at timestamptz not null,
      primary key (report_id, content_id, name, part)
    )`,

  hold: `
    create table if not exists hold (
      id uuid primary key,
      app_id uuid not null references app (id),
      object_type text not null check (object_type in ('app', 'user', 'wallet', 'payment', 'report')),
      object_id uuid not null,
      reason text not null,
      placed_by text not null,
      created_at timestamptz not null,
      released_at timestamptz,
      version int8 not null,
      audit_head bytea not null
    )`,
  hold_of_app: `create index if not exists hold_of_app on hold (app_id, created_at, id)`,
  hold_standing: `create unique index if not exists hold_standing on hold (object_id) where released_at is null`,

  // how many rows of a class were deleted because they were from before a moment
  disposal: `
    create table if not exists disposal (
      id uuid primary key,
      class text not null,
      before timestamptz not null,
      deleted int4 not null,
      created_at timestamptz not null
    )`,
  disposal_append_only: [
    'drop trigger if exists disposal_append_only on disposal',
    'create trigger disposal_append_only before update or delete on disposal for each row execute function refuse_change()',
  ],

  // the transactions that it was about, so that a hold on one of them keeps it; null in rows from before, or not processed
  webhook_transactions: `alter table webhook_inbox add column if not exists transaction_ids uuid[]`,
} as const
