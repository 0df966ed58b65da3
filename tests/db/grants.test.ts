import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { expect, test } from 'vitest'
import { grants } from '../../db/migrations/grants.ts'
import { transaction } from '../../db/transaction.ts'
import { testDatabase } from '../support/database.ts'

test('the application cannot change or delete what is append-only', async () => {
  await using database = await testDatabase()
  const { db } = database
  const leaf = {
    stream: randomUUID(),
    sequence: 1n,
    app_id: randomUUID(),
    body: Buffer.from('{}'),
    hash: Buffer.alloc(32),
  }
  await db.insertInto('audit').values(leaf).execute()

  const denied = { code: '42501' }
  await expect(database.pool.query('update audit set hash = body')).rejects.toMatchObject(denied)
  await expect(database.pool.query('delete from audit')).rejects.toMatchObject(denied)
  await expect(database.pool.query('truncate audit')).rejects.toMatchObject(denied)
  await expect(database.pool.query('update event set type = type')).rejects.toMatchObject(denied)
  await expect(database.pool.query('delete from decision')).rejects.toMatchObject(denied)

  expect(await db.selectFrom('audit').select(['stream', 'hash']).execute()).toEqual([
    { stream: leaf.stream, hash: leaf.hash },
  ])
})

test.each(['audit', 'event', 'decision', 'audit_position', 'audit_checkpoint', 'audit_node'])(
  'not even the owner of %s changes or deletes its rows',
  async (table) => {
    await using database = await testDatabase()
    const owner = new pg.Client({ connectionString: database.ownerUrl })
    await owner.connect()
    try {
      await owner.query(rowOf[table]!)
      const { rows } = await owner.query(`select t::text as row from ${table} t`)
      expect(rows).toHaveLength(1)
      const [column] = /(?<=\()\w+/.exec(rowOf[table]!)!
      const refused = { code: '23001', message: `${table} is append-only` }
      await expect(owner.query(`update ${table} set ${column} = ${column}`)).rejects.toMatchObject(refused)
      await expect(owner.query(`delete from ${table}`)).rejects.toMatchObject(refused)
      await expect(
        owner.query(`with gone as (delete from ${table} returning 1 as one) select one from gone`),
      ).rejects.toMatchObject(refused)
      expect((await owner.query(`select t::text as row from ${table} t`)).rows).toEqual(rows)
    } finally {
      await owner.end()
    }
  },
)

const [id, bytes] = ['gen_random_uuid()', "'\\x00'::bytea"]
const rowOf: Record<string, string> = {
  audit: `insert into audit (stream, sequence, app_id, body, hash) values (${id}, 1, ${id}, ${bytes}, ${bytes})`,
  event: `insert into event (object_id, sequence, object_type, app_id, type, data, created_at)
    values (${id}, 1, 'app', ${id}, 'app.created', '{}', now())`,
  decision: `insert into decision (id, app_id, action, outcome, subject, checks, list_version, created_at)
    values (${id}, ${id}, 'payment', 'deny', '{}', '[]', 1, now())`,
  audit_position: `insert into audit_position (leaf_index, stream, sequence, hash) values (0, ${id}, 1, ${bytes})`,
  audit_checkpoint: `insert into audit_checkpoint
    (number, tree_size, root, previous, sealed_at, key_id, signature, frontier)
    values (1, 1, ${bytes}, ${bytes}, now(), 'k', ${bytes}, ${bytes})`,
  audit_node: `insert into audit_node (level, node_index, hash) values (8, 0, ${bytes})`,
}

test('a leaf awaits its seal from the commit that wrote it, whoever wrote it', async () => {
  await using database = await testDatabase()
  const { db } = database
  const leaf = (hash: number) => ({
    stream: randomUUID(),
    sequence: 1n,
    app_id: randomUUID(),
    body: Buffer.from('{}'),
    hash: Buffer.alloc(32, hash),
  })
  const [written, undone] = [leaf(11), leaf(12)]
  await db.insertInto('audit').values(written).execute()
  await transaction(db, async (trx) => {
    await trx.insertInto('audit').values(undone).execute()
    throw new Error('changed our mind')
  }).catch(() => {})

  expect(await db.selectFrom('audit_unsealed').select(['shard', 'stream', 'sequence']).execute()).toEqual([
    { shard: 3, stream: written.stream, sequence: 1n },
  ])
})

test('the application cannot alter, add or drop tables, nor touch the migrations', async () => {
  await using database = await testDatabase()

  const denied = { code: '42501' }
  await expect(database.pool.query('alter table payment add column note text')).rejects.toMatchObject(denied)
  await expect(database.pool.query('create table mine (id int4)')).rejects.toMatchObject(denied)
  await expect(database.pool.query('drop table audit')).rejects.toMatchObject(denied)
  await expect(database.pool.query('delete from migration')).rejects.toMatchObject(denied)
  await expect(database.pool.query('select owner from migration_lease')).rejects.toMatchObject(denied)
})

test('the application has on every table exactly what is granted', async () => {
  await using database = await testDatabase()
  const { rows } = await database.pool.query<{ table_name: string; privileges: string[] }>(`
    select table_name, array_agg(lower(privilege_type) order by privilege_type) as privileges
    from information_schema.role_table_grants
    where grantee = current_user and table_schema = 'public' group by table_name`)

  const expected = { ...grants, migration: ['select'] }
  const sorted = Object.entries(expected).map(([table, privileges]) => [table, [...privileges].sort()])
  expect(Object.fromEntries(rows.map(({ table_name, privileges }) => [table_name, privileges]))).toEqual(
    Object.fromEntries(sorted),
  )
})
