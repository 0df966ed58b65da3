import { expect, test } from 'vitest'
import { migrate } from '../../db/migrate.ts'
import { emptyDatabase } from '../support/database.ts'
import { lint, notNullColumns } from '../support/sql-lint.ts'

const rulesOf = (sql: string, notNull = new Set(['id', 'created_at'])) => lint(sql, { notNull }).map(({ rule }) => rule)

const inFunction = (body: string) =>
  `create function f() returns trigger language plpgsql as $$ declare r record; n int4; begin ${body} return new; end $$`

test.each([
  // what does not exist
  ['statement', 'listen payments'],
  ['statement', "notify payments, 'one'"],
  ['statement', 'lock table payment in exclusive mode'],
  ['statement', 'vacuum payment'],
  ['statement', 'create domain amount as numeric check (value > 0)'],
  ['statement', 'create rule r as on update to audit do instead nothing'],
  ['statement', 'create sequence payment_number'],
  ['statement', "do $$ begin raise notice 'hello'; end $$"],
  ['statement', 'create table copy as select id from payment'],
  ['statement', 'set constraints all deferred'],
  ['statement', 'declare c cursor for select id from payment'],
  ['statement', 'copy payment to stdout'],
  ['statement', 'create extension pgcrypto'],
  ['statement', "comment on function f() is 'a function'"],
  ['merge', 'merge into payment p using refund r on p.id = r.id when matched then delete'],
  ['merge', 'with m as (merge into a using b on a.id = b.id when matched then delete returning a.id) select id from m'],
  ['notify', "select pg_notify('payments', 'one')"],
  ['advisory-lock', 'select pg_advisory_lock(1)'],
  ['advisory-lock', 'select pg_try_advisory_xact_lock($1)'],
  ['tablesample', 'select id from payment tablesample system (1)'],
  ['grouping', 'select state, count(*) from payment group by rollup (state)'],
  ['grouping', 'select state, count(*) from payment group by cube (state)'],
  ['truncate', 'truncate payment restart identity'],
  ['with-ties', 'select id from payment order by id fetch first 3 rows with ties'],
  ['select-into', 'select id into copy from payment'],
  ['only', 'update only payment set state = $1'],
  ['returning', 'update payment set state = $1 returning old.state'],
  ['returning', 'update payment set state = $1 returning with (old as before) before.state'],
  ['uuid', 'select uuidv7()'],
  ['json', "select json_value(data, '$.id') from event"],
  [
    'search-cycle',
    'with recursive t (n) as (select 1 union all select n + 1 from t) search depth first by n set o select n from t',
  ],
  ['syntax', 'insert into a (id) values (1) on conflict (id) do nothing on conflict (name) do nothing'],
  ['syntax', 'selec 1'],
  // transactions
  ['isolation', 'start transaction isolation level repeatable read'],
  ['deferrable', 'start transaction isolation level serializable, read only, deferrable'],
  ['two-phase', "prepare transaction 'one'"],
  // tables
  ['integer', 'create table if not exists t (id uuid primary key, n integer)'],
  ['integer', 'create table if not exists t (id uuid primary key, n int)'],
  ['integer', 'create table if not exists t (id uuid primary key, n bigint)'],
  ['integer', 'select $1::int'],
  ['serial', 'create table if not exists t (id serial primary key)'],
  ['serial', 'create table if not exists t (id bigserial primary key)'],
  ['identity', 'create table if not exists t (id int8 generated always as identity primary key)'],
  ['identity', 'insert into t (id) overriding system value values (1)'],
  ['sequence', "select nextval('payment_number')"],
  ['deferrable', 'create table if not exists t (id uuid primary key, a uuid references app (id) deferrable)'],
  ['deferrable', 'create table if not exists t (id uuid primary key, a uuid unique initially deferred)'],
  ['deferrable', 'alter table t add constraint c foreign key (a) references app (id) deferrable initially deferred'],
  ['exclude', 'create table if not exists t (id uuid, exclude using gist (id with =))'],
  ['range', 'create table if not exists t (id uuid primary key, during tstzrange)'],
  ['range', 'select int4range(1, 2)'],
  ['type', 'create table if not exists t (id uuid primary key, price money)'],
  ['inherits', 'create table if not exists t (id uuid primary key) inherits (payment)'],
  ['partition', 'create table if not exists t (id uuid, at date) partition by range (at)'],
  ['partition', "create table if not exists t partition of p for values from ('2026-01-01') to ('2027-01-01')"],
  ['temporary', 'create temp table if not exists t (id uuid primary key)'],
  ['unlogged', 'create unlogged table if not exists t (id uuid primary key)'],
  ['nulls-not-distinct', 'create unique index if not exists i on payment (app_id, transaction_id) nulls not distinct'],
  ['index-method', 'create index if not exists i on payment using brin (app_id)'],
  ['hot-range', 'create index if not exists i on payment (created_at, id)'],
  ['alter-table', 'alter table payment alter column state type varchar(10)'],
  ['alter-table', 'alter table audit disable trigger all'],
  ['column-grant', 'grant update (state) on payment to provider_app'],
  ['repeatable', 'create table t (id uuid primary key)'],
  ['repeatable', 'create index i on payment (app_id)'],
  ['repeatable', 'drop table payment'],
  [
    'one-statement',
    'create table if not exists a (id uuid primary key); create table if not exists b (id uuid primary key)',
  ],
  // triggers and functions
  ['trigger', 'create trigger t before update on audit for each statement execute function refuse()'],
  ['trigger', 'create trigger t instead of insert on v for each row execute function refuse()'],
  ['trigger', 'create trigger t before update of hash on audit for each row execute function refuse()'],
  [
    'trigger',
    'create trigger t after update on audit referencing new table as n for each row execute function refuse()',
  ],
  ['trigger', 'create trigger t before truncate on audit execute function refuse()'],
  ['trigger', 'create constraint trigger t after insert on audit for each row execute function refuse()'],
  ['plpgsql', inFunction('perform 1;')],
  ['plpgsql', inFunction("execute 'delete from audit';")],
  ['plpgsql', inFunction('for r in select id from app loop null; end loop;')],
  ['plpgsql', inFunction('get diagnostics n = row_count;')],
  ['plpgsql', inFunction('if not found then return null; end if;')],
  ['function', 'create function twice(n int8) returns int8 language sql as $$ select n + n $$'],
  // queries
  ['select-star', 'select * from payment'],
  ['select-star', 'select p.* from payment p'],
  ['select-star', 'insert into payment (id) values ($1) returning *'],
  ['insert-columns', 'insert into payment values ($1, $2)'],
  ['division', 'select amount / 2 from payment'],
  ['division', 'update payment set amount = amount / $1'],
  ['null-order', 'select id from payment order by settled_at'],
  ['null-order', 'select id from payment order by id, settled_at desc'],
  ['null-order', 'select id, row_number() over (order by settled_at) from payment'],
  ['null-order', 'select array_agg(id order by settled_at) from payment'],
  ['null-order', 'select id from payment order by lower(state)'],
  ['skip-locked', 'select id from transaction where shard = $1 limit 1 for update skip locked'],
  ['for-share', 'select id from paywall where id = $1 for share'],
  ['for-share', 'select id from paywall where id = $1 for key share'],
  ['on-conflict', 'insert into payment (id) values ($1) on conflict do update set state = $2'],
  [
    'mutated-twice',
    'with a as (update payment set state = $1 where id = $2 returning id) update payment set state = $3 where id in (select id from a)',
  ],
  [
    'mutated-twice',
    'with a as (insert into event (id) values ($1) returning id), b as (insert into event (id) values ($2)) select id from a',
  ],
  ['internals', 'select pid from pg_stat_activity'],
  ['internals', 'select pg_current_xact_id()'],
])('refused as %s: %s', (rule, sql) => {
  expect(rulesOf(sql)).toContain(rule)
})

test.each([
  'select id, amount from payment where app_id = $1 order by created_at, id limit 10',
  'select id from payment order by settled_at desc nulls last, id',
  'select count(*) from payment',
  'select "p"."id", coalesce(sum("p"."amount"), 0)::numeric as "total" from "payment" as "p" group by "p"."id"',
  'select id from payment where (created_at, id) < ($1, $2) order by created_at desc, id desc',
  'select id from wallet where id = any($1::uuid[]) order by id for update',
  'select id from wallet where id = $1 for update nowait',
  'select amount::numeric / 100, 1.5 / amount from payment',
  `update transaction set state = 'submitting', next_attempt_at = now() + interval '30 seconds'
    where id in (select id from transaction where shard = $1 and next_attempt_at <= now() order by id limit 10)
    and state = 'queued' returning id, attempts`,
  `with key as (insert into idempotency (app_id, key) values ($1, $2) on conflict (app_id, key) do nothing returning key),
    leaf as (insert into audit (stream, sequence) select $3, 1 from key)
    insert into event (object_id, sequence) select $3, 1 from key returning object_id`,
  'insert into list_version (app_id, version) values ($1, 1) on conflict (app_id) do update set version = list_version.version + 1',
  'delete from idempotency where app_id = $1 and created_at < $2',
  'start transaction isolation level serializable',
  'start transaction isolation level read committed read only',
  'begin',
  'commit',
  'rollback',
  'create table if not exists t (id uuid primary key default gen_random_uuid(), n int4 not null, m int8, amount numeric(78, 0) not null check (amount > 0), data jsonb, unique (n, m))',
  'create index if not exists t_due on t (shard, next_attempt_at) where next_attempt_at is not null',
  'create unique index if not exists t_of_hash on t (hash) include (id)',
  'alter table t add column if not exists note text',
  'drop index if exists t_due',
  'grant select, insert on table audit, event to provider_app',
  'revoke update on table audit from provider_app',
  `create or replace function refuse_change() returns trigger language plpgsql as $$
    begin raise exception 'audit is append-only'; end $$`,
  'create trigger audit_append_only before update or delete on audit for each row execute function refuse_change()',
  "select data ->> 'type' from event where data @> $1",
  'select c.relname, a.attname from pg_catalog.pg_class as c join pg_catalog.pg_attribute as a on a.attrelid = c.oid order by c.relname',
])('accepted: %s', (sql) => {
  expect(rulesOf(sql)).toEqual([])
})

test('every statement of the migrations is accepted', async () => {
  await using database = await emptyDatabase()
  const statements = new Set<string>()

  const role = new URL(database.applicationUrl).username
  await migrate(database.ownerUrl, { applicationRole: role, onQuery: (sql) => statements.add(sql) })

  const tables = [...statements].filter((sql) => /^\s*create table/i.test(sql))
  expect(tables.length).toBeGreaterThan(10)
  const notNull = notNullColumns(tables)
  const violations = [...statements].flatMap((sql) => lint(sql, { notNull }).map(({ rule }) => `${rule}: ${sql}`))
  expect(violations).toEqual([])
})

test('a column counts as never null only when no table lets it be', () => {
  const statements = [
    'create table if not exists a (id uuid primary key, name text not null, note text)',
    'create table if not exists b (id uuid, part int4, name text, primary key (id, part))',
  ]

  expect(notNullColumns(statements)).toEqual(new Set(['id', 'part']))
})
