import { randomUUID } from 'node:crypto'
import { getAddress } from 'viem'
import { expect, test } from 'vitest'
import { connect } from '../../../db/connect.ts'
import { migrate } from '../../../db/migrate.ts'
import { migrations } from '../../../db/migrations/index.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { listFinder } from '../../../server/domain/lists/find-listed.ts'
import { listAt } from '../../../server/domain/lists/list-at.ts'
import { listEntries } from '../../../server/domain/lists/list-entries.ts'
import { listLists } from '../../../server/domain/lists/list-lists.ts'
import type { AppPrincipal } from '../../../server/domain/principal.ts'
import { anyAddress } from '../../http/support/inputs.ts'
import { withAdmin } from '../../http/support/rows.ts'
import { emptyDatabase } from '../../support/database.ts'

test('addresses from before there were lists are on a deny list of their name, as they were', async () => {
  await using database = await emptyDatabase()
  const options = { applicationRole: new URL(database.applicationUrl).username, onQuery: database.onQuery }
  const before = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0006'))
  await migrate(database.ownerUrl, { ...options, migrations: before, grants: {} })

  const apps = [randomUUID(), randomUUID()] as [string, string]
  const [listed, removed, elsewhere] = [anyAddress(), anyAddress(), anyAddress()].map((one) => getAddress(one))
  const entry = (app: string, list: string, address: string, at: string, removedAt: string | null) => [
    ...[randomUUID(), app, list, address, at, removedAt],
  ]
  const entries = [
    entry(apps[0], 'sanctions', listed!, '2026-01-01', null),
    entry(apps[0], 'sanctions', removed!, '2026-01-02', '2026-02-01'),
    entry(apps[0], 'fraud', listed!, '2026-01-03', null),
    entry(apps[1], 'sanctions', elsewhere!, '2026-01-04', null),
  ]
  await withAdmin(database.adminUrl, async (admin) => {
    const none = Buffer.alloc(32)
    for (const app of apps) {
      await admin.query("insert into app (id, name, created_at, version, audit_head) values ($1, 'a', now(), 0, $2)", [
        app,
        none,
      ])
      await admin.query('insert into list_version (app_id, version, updated_at) values ($1, 7, now())', [app])
    }
    for (const values of entries)
      await admin.query(
        `insert into list_entry (id, app_id, list, kind, address, reason, source, created_at, removed_at, version, audit_head)
        values ($1, $2, $3, 'deny', $4, 'named', 'app', $5, $6, 0, '\\x00')`,
        values,
      )
  })
  await migrate(database.ownerUrl, options)

  await using connection = connect(database.applicationUrl, { onQuery: database.onQuery })
  const { db } = connection
  const [mine, theirs] = apps.map(
    (appId) => ({ kind: 'service', appId, keyId: randomUUID(), scopes: null }) as const,
  ) as [AppPrincipal, AppPrincipal]
  const page = { limit: 10 }
  const lists = await listLists({ db }, mine, page)
  expect(lists.items).toMatchObject([
    { name: 'fraud', kind: 'deny', importId: null, changedIn: 7n, createdAt: new Date('2026-01-03') },
    { name: 'sanctions', kind: 'deny', importId: null, changedIn: 7n, createdAt: new Date('2026-01-01') },
  ])
  const all = await listEntries({ db }, mine, { ...page, removed: true })
  expect(all.items).toMatchObject([
    { id: entries[2]![0], list: 'fraud', subject: listed, removedAt: null },
    { id: entries[1]![0], list: 'sanctions', subject: removed, removedAt: new Date('2026-02-01') },
    { id: entries[0]![0], list: 'sanctions', subject: listed, reason: 'named', source: 'app', validFrom: null },
  ])
  const at = async (time: string) =>
    (await listAt({ db }, mine, { list: 'sanctions', at: new Date(time), ...page })).items.map(({ subject }) => subject)
  expect(await at('2025-12-31')).toEqual([])
  expect(await at('2026-01-15')).toEqual([listed, removed].sort())
  expect(await at('2026-02-01')).toEqual([listed])
  const found = await listFinder(db)({ appId: apps[0], subjects: [listed!, removed!, elsewhere!] })
  expect(found.rulesVersion).toBe(7n)
  expect(found.listed.map(({ list, subject }) => [list, subject]).sort()).toEqual([
    ['fraud', listed],
    ['sanctions', listed],
  ])
  expect((await listEntries({ db }, theirs, { ...page, removed: true })).items).toMatchObject([{ subject: elsewhere }])
  // but for the apps, which this test has made without a trail
  expect((await verifyTrails(db)).faults.map(({ object }) => object).sort()).toEqual(apps.toSorted())
})
