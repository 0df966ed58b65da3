import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { grants } from '../../db/migrations/grants.ts'
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
    from information_schema.role_table_grants where grantee = current_user group by table_name`)

  const expected = { ...grants, migration: ['select'] }
  const sorted = Object.entries(expected).map(([table, privileges]) => [table, [...privileges].sort()])
  expect(Object.fromEntries(rows.map(({ table_name, privileges }) => [table_name, privileges]))).toEqual(
    Object.fromEntries(sorted),
  )
})
