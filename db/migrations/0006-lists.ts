/**
 * Lists as objects, of three kinds, whose whole contents can be replaced at once.
 *
 * The entries of a list are the rows of its snapshot that are not removed. An import inserts its rows under a snapshot of its own,
 * which nobody reads before one update makes it the list's; the rows of the snapshot before stay, for whoever asks who was on the
 * list then. The first snapshot of a list has the list's id, and the snapshot of an import the import's.
 */
export const lists = {
  // changed_in: the version of the app's lists in which what is on this one changed last
  list: `
    create table if not exists list (
      id uuid primary key,
      app_id uuid not null references app (id),
      name text not null,
      kind text not null check (kind in ('deny', 'allow', 'sanctions')),
      snapshot_id uuid not null,
      changed_in int8 not null,
      created_at timestamptz not null,
      version int8 not null,
      audit_head bytea not null,
      unique (app_id, name)
    )`,
  list_of_app: `create index if not exists list_of_app on list (app_id, created_at, id)`,

  // compared_in: the list's changed_in that the counts and samples compare with, and to which a publication is held;
  // swept_at: when the rows of one that came to nothing were deleted
  list_import: `
    create table if not exists list_import (
      id uuid primary key,
      app_id uuid not null,
      list_id uuid not null references list (id),
      state text not null check (state in ('staging', 'staged', 'published', 'discarded', 'expired')),
      source text not null,
      staged_by text not null,
      entries int4,
      duplicates int4,
      skipped int4,
      added int4,
      removed int4,
      changed int4,
      unchanged int4,
      samples jsonb,
      hash bytea,
      compared_in int8,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      published_at timestamptz,
      published_in int8,
      swept_at timestamptz
    )`,
  list_import_of_list: `create index if not exists list_import_of_list on list_import (list_id, created_at, id)`,
  list_import_published: `
    create index if not exists list_import_published on list_import (list_id, published_at, published_in)
      where published_at is not null`,
  list_import_unswept: `
    create index if not exists list_import_unswept on list_import (id) where published_at is null and swept_at is null`,

  // No foreign key to the list: the check would read, for each of a million rows, what every change of a list writes.
  // imported: written by an import, whose hash speaks for it; such a row has a trail of its own only from its removal on
  entry_list: `alter table list_entry add column if not exists list_id uuid`,
  entry_snapshot: `alter table list_entry add column if not exists snapshot_id uuid`,
  entry_subject: `alter table list_entry add column if not exists subject text`,
  entry_valid_from: `alter table list_entry add column if not exists valid_from timestamptz`,
  entry_valid_until: `alter table list_entry add column if not exists valid_until timestamptz`,
  entry_imported: `alter table list_entry add column if not exists imported bool not null default false`,

  // what is there already: a list for each name, with the addresses that are on it
  list_carried_over: `
    insert into list (id, app_id, name, kind, snapshot_id, changed_in, created_at, version, audit_head)
    select gen_random_uuid(), list_entry.app_id, list_entry.list, 'deny', '00000000-0000-0000-0000-000000000000',
      list_version.version, min(list_entry.created_at), 0, decode(repeat('00', 32), 'hex')
    from list_entry join list_version on list_version.app_id = list_entry.app_id
    group by list_entry.app_id, list_entry.list, list_version.version
    on conflict (app_id, name) do nothing`,
  list_first_snapshot: `update list set snapshot_id = id where snapshot_id = '00000000-0000-0000-0000-000000000000'`,
  entry_carried_over: `
    update list_entry set list_id = list.id, snapshot_id = list.id, subject = list_entry.address
    from list where list.app_id = list_entry.app_id and list.name = list_entry.list and list_entry.list_id is null`,
  entry_has_list: `alter table list_entry alter column list_id set not null`,
  entry_has_snapshot: `alter table list_entry alter column snapshot_id set not null`,
  entry_has_subject: `alter table list_entry alter column subject set not null`,

  entry_without_address_index: `drop index if exists list_entry_of_address`,
  entry_without_app_index: `drop index if exists list_entry_of_app`,
  entry_of_subject: `
    create unique index if not exists list_entry_of_subject on list_entry (snapshot_id, subject) where removed_at is null`,
  entry_removed: `
    create index if not exists list_entry_removed on list_entry (snapshot_id, subject) where removed_at is not null`,
  entry_of_snapshot: `create index if not exists list_entry_of_snapshot on list_entry (snapshot_id, created_at, id)`,
  // they are the list's; with the column goes its check
  entry_without_list: `alter table list_entry drop column if exists list`,
  entry_without_kind: `alter table list_entry drop column if exists kind`,
  entry_without_address: `alter table list_entry drop column if exists address`,

  // only what an import left that came to nothing is ever deleted
  keep_entries: `
    create or replace function keep_entries() returns trigger language plpgsql as $$
    begin
      if exists (select 1 from list_import where id = (old).snapshot_id and state in ('discarded', 'expired')) then
        return old;
      end if;
      raise exception 'list_entry keeps what was on a list' using errcode = '23001';
    end $$`,
  list_entry_kept: [
    'drop trigger if exists list_entry_kept on list_entry',
    'create trigger list_entry_kept before delete on list_entry for each row execute function keep_entries()',
  ],

  // the policy in force; it has the same version as the lists, so that one number holds a decision to both
  policy_in_force: `alter table list_version add column if not exists policy_id uuid`,
} as const
