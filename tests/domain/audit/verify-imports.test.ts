import { createHash } from 'node:crypto'
import type pg from 'pg'
import { getAddress } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { transaction } from '../../../db/transaction.ts'
import { verifyImportsIn } from '../../../server/domain/audit/verify-imports.ts'
import { anyAddress } from '../../http/support/inputs.ts'
import { withAdmin } from '../../http/support/rows.ts'
import { run } from '../../http/support/run.ts'
import { approved, entryOf, publication, staged, takeOff } from '../../support/lists.ts'
import { officerOf } from '../../support/policies.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
})
afterAll(() => world[Symbol.asyncDispose]())

const verify = (held?: number) =>
  transaction(world.built.services.db, (trx) => verifyImportsIn(trx, held), { idempotent: true })
const faults = async () => (await verify()).faults.map(({ where, fault }) => `${where}: ${fault}`)
const asAdmin = (work: (admin: pg.ClientBase) => Promise<unknown>) => withAdmin(world.database.adminUrl, work)
const addresses = (count: number) => Array.from({ length: count }, () => getAddress(anyAddress()))

/** A list whose contents were imported; its id, and that of the import. */
async function imported(count: number) {
  const { id: listId, name } = await world.client.lists.create.mutate({ name: anyAddress(), kind: 'sanctions' })
  const { id } = await staged(world, name, addresses(count))
  await approved(world, await publication(world, { id }), await officerOf(world))
  return { listId, name, importId: id }
}

test('imports as they were made have no fault, whatever was added, taken off, staged or discarded since; nor in parts', async () => {
  const { name } = await imported(40)
  const { items } = await world.client.lists.entries.query({ list: name, limit: 3 })
  await takeOff(world, items[1]!.id)
  const [address] = addresses(1)
  const added = await world.client.lists.add.mutate({ list: name, address: address!, reason: 'named later' })
  await takeOff(world, entryOf(added).id)
  await staged(world, name, addresses(2))
  await world.client.lists.discard.mutate({ importId: (await staged(world, name, addresses(3))).id })

  expect(await verify()).toEqual({ imports: 2, entries: 42, faults: [] })
  // in 21 rounds and in one, the same
  expect(await verify(2)).toEqual({ imports: 2, entries: 42, faults: [] })
})

const first = 'id = (select id from list_entry where snapshot_id = $1 order by subject limit 1)'
const notItsHash = /^import .*: its \d+ entries do not have the hash of the 3 that were staged$/
const notVouched = /^entry .*: it has no trail, and no import speaks for it$/

test.each<[string, string, RegExp]>([
  ['another subject', `update list_entry set subject = '0x${'0'.repeat(39)}1' where ${first}`, notItsHash],
  ['another reason', `update list_entry set reason = 'a friend' where ${first}`, notItsHash],
  ['an entry that counts from later on', `update list_entry set valid_from = '2090-01-01' where ${first}`, notItsHash],
  ['an entry that is gone', `delete from list_entry where ${first}`, notItsHash],
  [
    'an entry more',
    `insert into list_entry select (jsonb_populate_record(entry, jsonb_build_object('id', gen_random_uuid(), 'subject', 'x'))).*
      from list_entry as entry where ${first}`,
    notItsHash,
  ],
  ["an entry that is no import's", `update list_entry set imported = false where ${first}`, notVouched],
  [
    'an entry that is taken off',
    `update list_entry set removed_at = now() where ${first}`,
    /^entry .*: whether it is removed/,
  ],
  ['its hash', `update list_import set hash = '\\x00' where id = $1`, /^import .*: its row does not say/],
  ['its state', `update list_import set state = 'discarded' where id = $1`, /^import .*: its row does not say/],
  ['its row', 'delete from list_import where id = $1', notVouched],
  [
    'what is on the list',
    'update list set snapshot_id = id where snapshot_id = $1',
    /^list .*: what is on it is not what/,
  ],
])('found: %s', async (_, tampering, fault) => {
  const { importId } = await imported(3)
  expect(await faults()).toEqual([])
  const tables = ['list_entry', 'list_import', 'list']
  await asAdmin(async (admin) => {
    for (const table of tables) await admin.query(`create table kept_${table} as table ${table}`)
    await admin.query(tampering, [importId])
  })
  expect(await faults()).toContainEqual(expect.stringMatching(fault))
  await asAdmin(async (admin) => {
    for (const table of tables) {
      await admin.query(`delete from ${table}`)
      await admin.query(`insert into ${table} table kept_${table}`)
      await admin.query(`drop table kept_${table}`)
    }
  })
  expect(await faults()).toEqual([])
})

test('the hash that goes with an edited entry does not help, for the trail has the one of then; audit verify tells and fails', async () => {
  const environment = { DATABASE_URL: world.database.applicationUrl }
  const { importId } = await imported(1)
  const verified = await run('server/cli.ts', ['audit', 'verify'], environment)
  expect(verified).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^imported lists: \d+ entries in \d+ imports, 0 faults$/m),
  })
  await asAdmin(async (admin) => {
    const { rows } = await admin.query(
      `update list_entry set reason = 'a friend' where snapshot_id = $1 returning subject, source`,
      [importId],
    )
    const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest()
    const { subject, source } = rows[0]
    const hash = sha256(sha256(JSON.stringify([subject, 'a friend', source, null, null])))
    await admin.query('update list_import set hash = $2 where id = $1', [importId, hash])
  })
  const tampered = await run('server/cli.ts', ['audit', 'verify'], environment)
  expect(tampered).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(`FAULT import ${importId}: its 1 entries do not have the hash`),
  })
})
