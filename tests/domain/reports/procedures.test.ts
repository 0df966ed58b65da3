import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, createClient } from '../../../client-sdk/index.ts'
import type { Report } from '../../../server/contract/reports.ts'
import { publicKeysOf } from '../../../server/domain/audit/keys.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { manifestFault, manifestForm } from '../../../server/domain/reports/manifest.ts'
import { produceReport } from '../../../server/domain/reports/produce-report.ts'
import { eventually } from '../../support/eventually.ts'
import { worldKey } from '../../support/seal.ts'
import { testWorld, type World } from '../../support/world.ts'
import { from, seedMonth, to } from './support/month.ts'

const keys = { key: worldKey, publicKeys: publicKeysOf([worldKey]) }

let world: World
let client: Client
let appId: string

beforeAll(async () => {
  world = await testWorld()
  const month = await seedMonth(world.database.db, { decisions: 500 })
  appId = month.appId
  const name = { appId, name: 'auditor', idempotencyKey: randomUUID() }
  const { secret } = await world.operator.apiKeys.create.mutate(name)
  client = createClient({ url: world.url, apiKey: secret! })
})
afterAll(() => world[Symbol.asyncDispose]())

const until = (reportId: string, state: Report['state']) =>
  eventually(async () => {
    const report = await client.reports.get.query({ reportId })
    expect(report.state).toBe(state)
    return report
  })

async function whole(reportId: string, name: string) {
  const texts: string[] = []
  for (let parts = 1; texts.length < parts; ) {
    const piece = await client.reports.file.query({ reportId, name, part: texts.length + 1 })
    texts.push(piece.text)
    parts = piece.parts
  }
  return { text: texts.join(''), parts: texts.length }
}

test('a report that is asked for is made at once, and its files, part by part, are those of its signed manifest', async () => {
  const wish = { from, to, idempotencyKey: randomUUID() }
  const asked = await client.reports.create.mutate(wish)
  expect(asked).toMatchObject({ state: 'requested', files: [], schedule: null, replayed: false })
  const report = await until(asked.id, 'ready')
  expect(report).toMatchObject({ policyVersions: [3, 4], finishedAt: expect.any(Date), requestedBy: asked.requestedBy })
  expect(await client.reports.create.mutate(wish)).toEqual({ ...report, replayed: true })

  let most = 0
  for (const { name, sha256, bytes } of report.files) {
    const { text, parts } = await whole(report.id, name)
    most = Math.max(most, parts)
    expect(createHash('sha256').update(text).digest('hex'), name).toBe(sha256)
    expect(Buffer.byteLength(text)).toBe(bytes)
  }
  expect(most).toBeGreaterThan(1)
  const manifest = manifestForm.parse(JSON.parse((await whole(report.id, 'manifest.json')).text))
  expect(manifestFault(manifest, keys.publicKeys)).toBe(null)
  expect(report.files).toEqual(
    Object.entries(manifest.files)
      .map(([name, seal]) => ({ name, ...seal }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  )

  const { items } = await client.audit.trail.query({ objectId: report.id })
  const said = items.map(({ body }) => JSON.parse(body))
  expect(said.map(({ action }) => action)).toEqual(['report.requested', 'report.finished'])
  expect(said[1].data.signature).toBe(manifest.signature)
  expect((await verifyTrails(world.database.db)).faults.filter(({ object }) => object === report.id)).toEqual([])
})

test('five who make the same report at once make one, and leave nothing of the others', async () => {
  await using idle = await testWorld({ workers: false })
  const { id } = await idle.client.reports.create.mutate({ from, to, idempotencyKey: randomUUID() })
  await Promise.all(Array.from({ length: 5 }, () => produceReport(idle.built.services, keys, { id })))

  const { state, files } = await idle.client.reports.get.query({ reportId: id })
  expect({ state, files: files.length }).toEqual({ state: 'ready', files: 21 })
  const { db } = idle.database
  const contents = await db.selectFrom('report_file').select('content_id').distinct().execute()
  const { content_id } = await db
    .selectFrom('report')
    .select('content_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  expect(contents).toEqual([{ content_id }])
  const leaves = await db.selectFrom('audit').select('sequence').where('stream', '=', id).execute()
  expect(leaves).toHaveLength(2)
})

test.each([
  ['it ends before it begins', { from: to, to: from }],
  ['it is longer than 400 days', { from: new Date('2020-01-01'), to: new Date('2021-06-01') }],
  ['it is of no kind', { from, to, kinds: [] }],
])('a report is not asked for if %s', async (_, wish) => {
  await expect(client.reports.create.mutate({ ...wish, idempotencyKey: randomUUID() })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  })
})

test('a file or a part that a report does not have is not found', async () => {
  const { id } = await client.reports.create.mutate({ kinds: ['reviews'], from, to, idempotencyKey: randomUUID() })
  await until(id, 'ready')
  for (const wrong of [{ name: 'decisions.csv' }, { name: 'reviews.csv', part: 99 }])
    await expect(client.reports.file.query({ reportId: id, ...wrong })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
