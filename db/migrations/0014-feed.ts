/**
 * The order of what happened: each event has its place in the feed of its app. Ids are random and commits end when they end, so that
 * neither could be resumed from without leaving something out.
 */
export const feed = {
  // every event from its commit until it has its place, as audit_unsealed has every leaf
  event_unplaced: `
    create table if not exists event_unplaced (
      shard int4 not null,
      recorded_at timestamptz not null default date_trunc('milliseconds', now()),
      object_id uuid not null,
      sequence int8 not null,
      primary key (shard, recorded_at, object_id, sequence)
    )`,

  // places of an app are given in one row, each batch from the last on: whoever gives the same to others at a time is refused
  event_position: `
    create table if not exists event_position (
      app_id uuid not null,
      position int8 not null,
      object_id uuid not null,
      sequence int8 not null,
      primary key (app_id, position),
      unique (object_id, sequence)
    )`,

  // by a trigger, so that no statement that writes an event can forget it
  await_place: `
    create or replace function await_place() returns trigger language plpgsql as $$
    begin
      insert into event_unplaced (shard, object_id, sequence)
      values (get_byte(decode(substr((new).object_id::text, 35, 2), 'hex'), 0) % 8, (new).object_id, (new).sequence);
      return null;
    end $$`,
  event_awaits_place: [
    'drop trigger if exists event_awaits_place on event',
    'create trigger event_awaits_place after insert on event for each row execute function await_place()',
  ],

  event_earlier: `
    insert into event_unplaced (shard, object_id, sequence)
    select 0, object_id, sequence from event
    where not exists (
      select 1 from event_unplaced
      where event_unplaced.object_id = event.object_id and event_unplaced.sequence = event.sequence
    ) and not exists (
      select 1 from event_position
      where event_position.object_id = event.object_id and event_position.sequence = event.sequence
    )`,

  event_position_append_only: [
    'drop trigger if exists event_position_append_only on event_position',
    `create trigger event_position_append_only before update or delete on event_position
      for each row execute function refuse_change()`,
  ],
}
