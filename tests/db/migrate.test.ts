import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import pg from 'pg'
import { expect, test } from 'vitest'
import { databaseKind } from '../../db/dialect.ts'
import { migrate, pendingMigrations } from '../../db/migrate.ts'
import { migrations } from '../../db/migrations/index.ts'
import { until } from '../../db/until.ts'
import { emptyDatabase, testDatabase } from '../support/database.ts'

const applicationOf = (database: { applicationUrl: string }) => new URL(database.applicationUrl).username

test('three who migrate at once run every migration once', async () => {
  await using database = await emptyDatabase()
  const runs: string[] = []
  const counted = Object.fromEntries(
    Object.entries(migrations).map(([name, { up }]): [string, Migration] => [
      name,
      {
        up: async (db) => {
          runs.push(name)
          await up(db)
        },
      },
    ]),
  )
  const options = { migrations: counted, applicationRole: applicationOf(database), onQuery: database.onQuery }

  const results = await Promise.all([1, 2, 3].map(() => migrate(database.ownerUrl, options)))

  const names = Object.keys(migrations).sort()
  expect(runs).toEqual(names)
  expect(results.map((result) => result.length).sort((a, b) => a - b)).toEqual([0, 0, names.length])
  expect(await pendingMigrations(database.db)).toEqual([])
})

test('what is pending is known before and after, also to the application', async () => {
  await using empty = await emptyDatabase()
  expect(await pendingMigrations(empty.db)).toEqual(Object.keys(migrations).sort())

  await using migrated = await testDatabase()
  expect(await pendingMigrations(migrated.db)).toEqual([])
  expect(await migrate(migrated.ownerUrl)).toEqual([])
  expect(await databaseKind(migrated.db)).toBe('postgres')
})

test('a migration that fails is named, keeps what came before, and runs when its cause is mended', async () => {
  await using database = await emptyDatabase()
  const statement = (text: string): Migration => ({
    up: async (db) => {
      await sql.raw(text).execute(db)
    },
  })
  const first = statement('create table if not exists first_table (id uuid primary key)')
  const options = { grants: {}, onQuery: database.onQuery }
  const broken = {
    '0001-first': first,
    '0002-second': statement('create table if not exists second_table (id nonsense)'),
  }

  await expect(migrate(database.ownerUrl, { ...options, migrations: broken })).rejects.toThrow(
    /^Migration 0002-second: type "nonsense" does not exist\. What came before it is in place; .* migrate again/,
  )

  const mended = {
    '0001-first': first,
    '0002-second': statement('create table if not exists second_table (id uuid primary key)'),
  }
  expect(await migrate(database.ownerUrl, { ...options, migrations: mended })).toEqual(['0002-second'])
})

test('who waits for the lease of another goes on when it is given back', async () => {
  await using database = await testDatabase()
  const owner = new pg.Client({ connectionString: database.ownerUrl })
  await owner.connect()
  await owner.query(
    `update migration_lease set owner = gen_random_uuid(), held_until = now() + interval '1 minute' where id = 'migration_lock'`,
  )

  const claims: string[] = []
  const onQuery = (text: string) => text.includes('update migration_lease') && claims.push(text)
  const waiting = migrate(database.ownerUrl, { onQuery })
  await until(async () => claims.length >= 3, 5_000, 'nobody tries again')

  // the holder died: its time runs out
  await owner.query(`update migration_lease set held_until = now() - interval '1 second' where id = 'migration_lock'`)
  expect(await waiting).toEqual([])
  await owner.end()
})

test('grants are put right by the next migration, without a moment in which the service has none', async () => {
  await using database = await testDatabase()
  const role = applicationOf(database)
  const owner = new pg.Client({ connectionString: database.ownerUrl })
  await owner.connect()
  await owner.query(`grant update, delete on audit to ${role}`)
  await owner.end()
  const statements: string[] = []

  await migrate(database.ownerUrl, { applicationRole: role, onQuery: (text) => statements.push(text) })

  await expect(database.pool.query('delete from audit')).rejects.toMatchObject({ code: '42501' })
  expect(statements.filter((text) => /revoke/i.test(text)).join()).not.toMatch(/revoke (all|select)/i)
})
