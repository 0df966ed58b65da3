/**
 * What proves the audit trail: one log over all apps, in which each leaf has its place, and signed checkpoints of the tree over it.
 * Leaves themselves are never updated.
 */
export const auditSeals = {
  // whoever does what only one may do at a time, over all instances
  lease: `
    create table if not exists lease (
      name text primary key,
      holder uuid not null,
      held_until timestamptz not null
    )`,

  // Every leaf from its commit until it has its place: whatever commits late is found like anything else, and what is read is as
  // small as what is new. By time within a shard, so that whoever reads it need not walk over what was deleted long ago.
  audit_unsealed: `
    create table if not exists audit_unsealed (
      shard int4 not null,
      recorded_at timestamptz not null default date_trunc('milliseconds', now()),
      stream uuid not null,
      sequence int8 not null,
      primary key (shard, recorded_at, stream, sequence)
    )`,

  // by a trigger, so that no statement that writes a leaf can forget it
  await_seal: `
    create or replace function await_seal() returns trigger language plpgsql as $$
    begin
      insert into audit_unsealed (shard, stream, sequence)
      values (get_byte((new).hash, 0) % 8, (new).stream, (new).sequence);
      return null;
    end $$`,
  audit_awaits_seal: [
    'drop trigger if exists audit_awaits_seal on audit',
    'create trigger audit_awaits_seal after insert on audit for each row execute function await_seal()',
  ],

  // hash: of the leaf, as it was sealed there
  audit_position: `
    create table if not exists audit_position (
      leaf_index int8 primary key,
      stream uuid not null,
      sequence int8 not null,
      hash bytea not null,
      unique (stream, sequence)
    )`,

  // frontier: the roots of the complete subtrees at this size, largest first, from which the tree grows on
  audit_checkpoint: `
    create table if not exists audit_checkpoint (
      number int8 primary key,
      tree_size int8 not null unique,
      root bytea not null,
      previous bytea not null,
      sealed_at timestamptz not null,
      key_id text not null,
      signature bytea not null,
      frontier bytea not null
    )`,

  // the roots of complete subtrees of 256, 65536, … leaves: a proof reads some hundred hashes, however large the log is
  audit_node: `
    create table if not exists audit_node (
      level int4 not null,
      node_index int8 not null,
      hash bytea not null,
      primary key (level, node_index)
    )`,

  // the last checkpoint that a place outside of the database took; the place by the hash of its name, which may hold a secret
  audit_export: `
    create table if not exists audit_export (
      destination bytea primary key,
      number int8 not null,
      exported_at timestamptz not null
    )`,

  // leaves from before there was a log
  audit_earlier: `
    insert into audit_unsealed (shard, stream, sequence)
    select get_byte(hash, 0) % 8, stream, sequence from audit
    where not exists (
      select 1 from audit_unsealed where audit_unsealed.stream = audit.stream and audit_unsealed.sequence = audit.sequence
    ) and not exists (
      select 1 from audit_position where audit_position.stream = audit.stream and audit_position.sequence = audit.sequence
    )`,

  // beside the grants: the owner too must first take the trigger away, which is a privilege of its own and shows in the catalogue
  refuse_change: `
    create or replace function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception '% is append-only', tg_table_name using errcode = '23001';
    end $$`,
  ...appendOnly('audit'),
  ...appendOnly('event'),
  ...appendOnly('decision'),
  ...appendOnly('audit_position'),
  ...appendOnly('audit_checkpoint'),
  ...appendOnly('audit_node'),

  // What people search by, read out of a leaf's bytes: their keys are in order, so that the action is the 4th of the parts between
  // quotes, the actor the 8th and the time the 16th. Nothing is stored twice that could come to differ.
  audit_by_time: `
    create index if not exists audit_by_time on audit (app_id, (${part(16)}) desc nulls last)`,
  audit_by_action: `
    create index if not exists audit_by_action on audit (app_id, (${part(4)}), (${part(16)}) desc nulls last)`,
  audit_by_actor: `
    create index if not exists audit_by_actor on audit (app_id, (${part(8)}), (${part(16)}) desc nulls last)`,
}

function part(number: number): string {
  return `split_part(encode(substr(body, 1, 220), 'escape'), '"', ${number})`
}

function appendOnly(table: string): Record<string, string[]> {
  const trigger = `${table}_append_only`
  return {
    [trigger]: [
      `drop trigger if exists ${trigger} on ${table}`,
      `create trigger ${trigger} before update or delete on ${table} for each row execute function refuse_change()`,
    ],
  }
}
