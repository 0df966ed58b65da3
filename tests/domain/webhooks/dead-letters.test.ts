import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorOf } from '../../../client-sdk/index.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { sweepRetained } from '../../../server/domain/retention/sweep-retained.ts'
import { TRIES } from '../../../server/domain/webhooks/inbox.ts'
import { receiveWebhook } from '../../../server/domain/webhooks/receive-webhook.ts'
import type { Services } from '../../../server/services.ts'
import { run } from '../../http/support/run.ts'
import { workInbox } from '../../support/inbox.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
  await world.crossmint.setWebhook(null)
})
afterAll(() => world[Symbol.asyncDispose]())

const HOUR = 3_600_000
let time = Date.now()

/** Services at a time of the test's, which cannot read any webhook of Crossmint's. */
const failing = (lines: object[] = []): Services => ({
  ...working(),
  readWebhook: () => {
    throw Object.assign(new Error('what was sent is not told'), { code: 'E_OF_THE_TEST' })
  },
  log: { ...world.built.services.log, error: (line: object) => void lines.push(line) } as Services['log'],
})
const working = (): Services => ({ ...world.built.services, clock: { now: () => new Date(time) } })

async function received(body = '{"type":"users.created","data":{}}', provider = 'crossmint') {
  const eventId = randomUUID()
  await receiveWebhook(working(), { provider, eventId, body: Buffer.from(body) })
  const { items } = await world.operator.inbox.list.query({ source: provider, limit: 100 })
  return items.find((webhook) => webhook.eventId === eventId)!.id
}

const get = (webhookId: string) => world.operator.inbox.get.query({ webhookId })

/** Has one fail until it is dead. Answers with the hours that it took. */
async function die(lines: object[] = []): Promise<number> {
  const began = time
  for (let tries = 0; tries < TRIES; tries++) {
    await workInbox(failing(lines))
    if (tries < TRIES - 1) time += HOUR
  }
  return (time - began) / HOUR
}

test('what fails is tried again with longer and longer waits, and is dead after the last: an alert, and kept', async () => {
  const id = await received()
  const waits: number[] = []
  const lines: object[] = []
  for (let tries = 1; tries <= TRIES; tries++) {
    await workInbox(failing(lines))
    const { state, attempts, lastError, nextAttemptAt } = await get(id)
    expect({ attempts, lastError }).toEqual({ attempts: tries, lastError: 'E_OF_THE_TEST' })
    if (state === 'dead') break
    waits.push(nextAttemptAt!.getTime() - time)
    // not before it is due
    time = nextAttemptAt!.getTime() - 1
    await workInbox(working())
    time++
  }
  expect(waits).toHaveLength(TRIES - 1)
  expect(waits.slice(0, 4)).toEqual([2_000, 4_000, 8_000, 16_000])
  expect(Math.max(...waits)).toBe(HOUR)
  expect(lines).toEqual([expect.objectContaining({ alert: true, webhookId: id, lastError: 'E_OF_THE_TEST' })])
  expect(await get(id)).toMatchObject({ state: 'dead', nextAttemptAt: null, processedAt: null, attempts: TRIES })
  expect(await (await fetch(`${world.url}/metrics`)).text()).toMatch(/^webhooks_dead 1$/m)

  // nobody looks into it any more
  time += 24 * HOUR
  await workInbox(working())
  expect(await get(id)).toMatchObject({ state: 'dead' })
})

test('an operator has a dead one tried again, once, and it is in the trail who did', async () => {
  const id = await received()
  await die()
  expect(await world.operator.inbox.retry.mutate({ webhookId: id })).toMatchObject({
    ...{ id, state: 'received', attempts: 0, lastError: 'E_OF_THE_TEST' },
  })
  const again = await world.operator.inbox.retry.mutate({ webhookId: id }).catch(errorOf)
  expect(again).toMatchObject({ code: 'NOTHING_TO_CHANGE' })
  await workInbox(working())
  expect(await get(id)).toMatchObject({ state: 'processed', attempts: 1 })
  expect(await world.operator.inbox.retry.mutate({ webhookId: id }).catch(errorOf)).toMatchObject({
    code: 'NOTHING_TO_CHANGE',
  })
  const { rows } = await world.database.pool.query('select body from audit where stream = $1', [id])
  expect(rows.map(({ body }) => JSON.parse(body))).toEqual([
    expect.objectContaining({
      action: 'inbox_webhook.retried',
      actor: expect.stringMatching(/^key:/),
      data: expect.objectContaining({ source: 'crossmint', state: 'dead', attempts: TRIES }),
    }),
  ])
  expect((await verifyTrails(world.database.db)).faults).toEqual([])
})

test('one that means nothing is rejected at once, can be tried again, and is rejected again', async () => {
  const id = await received('hello')
  for (let times = 1; times <= 2; times++) {
    await workInbox(working())
    expect(await get(id)).toMatchObject({ state: 'rejected', result: 'its body is not JSON', attempts: 1 })
    if (times === 1) await world.operator.inbox.retry.mutate({ webhookId: id })
  }
})

test('one that ends whoever looks into it is dead as well', async () => {
  const id = await received()
  // claimed again and again, and never given back
  await world.database.pool.query('update webhook_inbox set attempts = $1 where id = $2', [TRIES, id])
  await workInbox(working())
  expect(await get(id)).toMatchObject({ state: 'dead', lastError: 'CLAIM_ENDED' })
})

test('a dead one is kept until somebody has had it tried again; then its time begins when it ends', async () => {
  const [looked, unlooked] = [await received(), await received()]
  await die()
  await world.operator.inbox.retry.mutate({ webhookId: looked })
  await die()
  const periods = { webhooks: 90, deliveries: 30, sessions: 180, reports: 2_555, answers: 90 }
  const there = (id: string) =>
    get(id).then(
      () => true,
      (error) => errorOf(error).code !== 'NOT_FOUND',
    )
  const sweep = (days: number) =>
    sweepRetained({ ...working(), clock: { now: () => new Date(time + days * 24 * HOUR) } }, periods)
  await sweep(89)
  expect([await there(looked), await there(unlooked)]).toEqual([true, true])
  await sweep(91)
  expect([await there(looked), await there(unlooked)]).toEqual([false, true])
  expect((await verifyTrails(world.database.db)).faults).toEqual([])
})

test('the inbox is searched by source, state, type and time, newest first', async () => {
  const source = `s-${randomUUID().slice(0, 8)}`
  const ids: string[] = []
  for (const type of ['a.b', 'a.c', 'a.b']) {
    ids.unshift(await received(JSON.stringify({ type }), source))
    time += 1_000
  }
  const found = async (filter: object) => {
    const page = await world.operator.inbox.list.query({ source, ...filter })
    return page.items.map(({ id }) => ids.indexOf(id))
  }
  expect(await found({})).toEqual([0, 1, 2])
  expect(await found({ type: 'a.b' })).toEqual([0, 2])
  expect(await found({ from: new Date(time - 2_000), to: new Date(time - 1_000) })).toEqual([1])
  expect(await found({ state: 'processed' })).toEqual([])
  await workInbox(working())
  expect(await found({ state: 'processed' })).toEqual([0, 1, 2])
  expect(await found({ source: 'another' })).toEqual([])
})

test('a body that is no text is shown by its first bytes', async () => {
  const eventId = randomUUID()
  const body = Buffer.alloc(5_000, 0xff)
  await receiveWebhook(working(), { provider: 'binary', eventId, body })
  const { items } = await world.operator.inbox.list.query({ source: 'binary' })
  const shown = await get(items[0]!.id)
  expect(shown).toMatchObject({ bytes: 5_000, encoding: 'base64', type: null })
  expect(Buffer.from(shown.body, 'base64')).toEqual(body.subarray(0, 1_024))
})

test('provider webhooks: the inbox in lines or JSON, and what is dead tried again', async () => {
  const [one, other] = [await received(), await received()]
  await die()
  const provider = (args: string) =>
    run('server/cli.ts', ['webhooks', ...args.split(' ')], { DATABASE_URL: world.database.applicationUrl })
  const [listed, json, badState, noId] = await Promise.all([
    provider('inbox --state dead --source crossmint'),
    provider('inbox --state dead --json'),
    provider('inbox --state ill'),
    provider('retry'),
  ])
  expect(listed.stdout).toMatch(new RegExp(`^${one} .*dead, ${TRIES} tries, failed with E_OF_THE_TEST$`, 'm'))
  const parsed = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).id)
  expect(parsed).toEqual(expect.arrayContaining([one, other]))
  expect(badState).toMatchObject({ code: 2, stderr: expect.stringContaining('--state is one of') })
  expect(noId).toMatchObject({ code: 2, stderr: expect.stringContaining('--all-dead') })

  expect(await provider(`retry ${one}`)).toMatchObject({ code: 0, stdout: expect.stringContaining('received') })
  const all = await provider('retry --all-dead')
  expect(all).toMatchObject({ code: 0, stdout: `${parsed.length - 1} webhooks are looked into again\n` })
  expect((await world.operator.inbox.list.query({ state: 'dead' })).items).toEqual([])
  expect(await provider(`retry ${one}`)).toMatchObject({ code: 1, stderr: expect.stringContaining('waits') })
})
