import pg from 'pg'
import { expect, test } from 'vitest'
import { createClient } from '../../client-sdk/index.ts'
import { verifyTrails } from '../../server/domain/audit/verify-trails.ts'
import { previousMonth } from '../../server/domain/reports/schedule-reports.ts'
import { startClock } from '../../server/workers/clock.ts'
import { seedMonth } from '../domain/reports/support/month.ts'
import { eventually } from '../support/eventually.ts'
import { testWorld, type World } from '../support/world.ts'

const days = { webhooks: 90, deliveries: 30, sessions: 180, reports: 2_555, answers: 90 }
const never = { reports: null, retention: null }
/** The first of the month after the seeded one, in the morning. */
const clock = { now: () => new Date('2026-11-01T03:00:00Z') }

/** A key of an app that was not made by the service. */
async function clientOf(world: World, appId: string) {
  const { secret } = await world.operator.apiKeys.create.mutate({
    appId,
    name: 'auditor',
    idempotencyKey: crypto.randomUUID(),
  })
  return createClient({ url: world.url, apiKey: secret! })
}

test('the report of a month is made by schedule, once over two instances, and is what it is when made by hand', async () => {
  await using world = await testWorld({ clock })
  const { appId } = await seedMonth(world.database.db, { decisions: 150 })
  const { db } = world.database
  // every minute is due at once: pg-boss itself says so, to whichever instance asks first
  const options = {
    databaseUrl: world.database.applicationUrl,
    schedules: { ...never, reports: '* * * * *' },
    retention: days,
    tick: 1,
  }
  const instances = [world.built, world.instance()]
  const clocks = instances.map(({ services }) => startClock(services, options))
  try {
    const client = await clientOf(world, appId)
    const [report] = await eventually(async () => {
      const { items } = await client.reports.list.query({ state: 'ready' })
      expect(items.length).toBeGreaterThan(0)
      return items
    }, 30_000)
    expect(report).toMatchObject({
      schedule: 'monthly',
      requestedBy: 'system:clock',
      from: new Date('2026-10-01'),
      to: new Date('2026-11-01'),
    })
    // until it was due a second time, in the same minute or the next
    await Promise.all(instances.map(({ services }) => scheduleAgain(services)))
    expect(await db.selectFrom('report').select('id').where('app_id', '=', appId).execute()).toHaveLength(1)
    // an app that was made in November has none of October
    expect((await world.client.reports.list.query({})).items).toEqual([])

    const { id } = await client.reports.create.mutate({
      from: report!.from,
      to: report!.to,
      idempotencyKey: crypto.randomUUID(),
    })
    const asked = await eventually(async () => {
      const found = await client.reports.get.query({ reportId: id })
      expect(found.state).toBe('ready')
      return found
    })
    const hashes = ({ files }: typeof asked) =>
      Object.fromEntries(
        files
          .filter(({ name }) => name.startsWith('decisions') || name.startsWith('payments'))
          .map(({ name, sha256 }) => [name, sha256]),
      )
    expect(hashes(asked)).toEqual(hashes(report!))

    const page = await client.reports.file.query({ reportId: report!.id, name: 'report.html' })
    expect(page).toMatchObject({ mediaType: 'text/html; charset=utf-8', part: 1, parts: 1 })
    expect(page.text).toContain('October 2026')
    expect((await verifyTrails(db)).faults.filter(({ object }) => object === report!.id)).toEqual([])
  } finally {
    await Promise.all(clocks.map((one) => one.stop()))
  }

  async function scheduleAgain(services: (typeof instances)[0]['services']) {
    const { scheduleReports } = await import('../../server/domain/reports/schedule-reports.ts')
    expect(await scheduleReports(services, previousMonth(services.clock.now()))).toBe(0)
  }
})

test('the clock runs as the role that can alter nothing, and takes its schedules back', async () => {
  await using world = await testWorld({ workers: false })
  const application = new pg.Client(world.database.applicationUrl)
  await application.connect()
  const schedules = async () =>
    (await application.query('select name, cron, timezone from pgboss.schedule order by name')).rows
  try {
    await expect(application.query('create table pgboss.mine (id int4)')).rejects.toMatchObject({ code: '42501' })
    await expect(application.query('drop table pgboss.schedule')).rejects.toMatchObject({ code: '42501' })
    const options = { databaseUrl: world.database.applicationUrl, retention: days, tick: 1 }
    const cron = { reports: '0 3 1 * *', retention: '30 2 * * *' }
    const first = startClock(world.built.services, { ...options, schedules: cron })
    await eventually(async () =>
      expect(await schedules()).toEqual([
        { name: 'reports', cron: '0 3 1 * *', timezone: 'UTC' },
        { name: 'retention', cron: '30 2 * * *', timezone: 'UTC' },
      ]),
    )
    await first.stop()
    const second = startClock(world.built.services, { ...options, schedules: { ...cron, retention: null } })
    await eventually(async () => expect((await schedules()).map(({ name }) => name)).toEqual(['reports']))
    await second.stop()
    expect(world.log.filter(({ level }) => Number(level) >= 40)).toEqual([])
  } finally {
    await application.end()
  }
})

test.each([
  ['2026-11-01T00:00:00Z', '2026-10-01', '2026-11-01'],
  ['2026-11-30T23:59:59.999Z', '2026-10-01', '2026-11-01'],
  ['2027-01-01T03:00:00Z', '2026-12-01', '2027-01-01'],
  ['2028-03-31T12:00:00Z', '2028-02-01', '2028-03-01'],
])('the month before %s', (now, from, to) => {
  expect(previousMonth(new Date(now))).toEqual({ from: new Date(from), to: new Date(to) })
})
