import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyWebhook } from '../client-sdk/webhooks.ts'
import type { ServiceEvent } from '../server/contract/events.ts'
import { newSigningSecret } from '../server/domain/deliveries/sign-webhook.ts'
import { webhookOf } from '../server/domain/deliveries/webhook-of.ts'
import { rowCounts } from './http/support/rows.ts'
import { run, start } from './http/support/run.ts'
import { eventually } from './support/eventually.ts'
import { placeAll } from './support/place.ts'
import { testWorld, type World } from './support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
})
afterAll(() => world[Symbol.asyncDispose]())

const environment = () => ({ DATABASE_URL: world.database.applicationUrl })
const provider = (args: string) => run('server/cli.ts', args.split(' '), environment())

/** Somebody who takes webhooks on this machine, if they believe them, and answers with this status. */
async function receiver(secret: string, status = 204) {
  const taken: ServiceEvent[] = []
  const server = createServer(async (request, response) => {
    taken.push(await verifyWebhook(secret, { headers: request.headers, body: await text(request) }))
    response.writeHead(status, { location: '/elsewhere' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    taken,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** A new app with so many paywalls, all of whose events have their places. */
async function feed(paywalls: number) {
  const { client, appId } = await world.stranger()
  const open = async () => {
    const terms = { title: 't', assetId: world.assetId, price: 1n, recipient: world.agent }
    const { id } = await client.paywalls.create.mutate({ ...terms, idempotencyKey: crypto.randomUUID() })
    await placeAll(world)
    return id
  }
  for (let n = 0; n < paywalls; n++) await open()
  return { appId, open, events: async () => (await client.events.list.query({})).items }
}

test('events are printed as they come, and sent on as the signed webhooks that they are', async () => {
  const secret = newSigningSecret()
  await using hooks = await receiver(secret)
  const { appId, open, events } = await feed(1)
  const args = ['events', 'listen', '--app', appId, '--types', 'paywall.*', '--forward', hooks.url, '--secret', secret]
  await using listening = start('server/cli.ts', args, environment())
  await eventually(() => expect(listening.output()).toContain('listening'))
  const opened = [await open(), await open()]
  await feed(1)
  await eventually(() => expect(hooks.taken).toHaveLength(2))
  expect(hooks.taken).toEqual((await events()).slice(-2))
  expect(hooks.taken.map(({ objectId }) => objectId)).toEqual(opened)

  listening.child.kill('SIGINT')
  const { code, stdout, stderr } = await listening.ended
  expect(code).toBe(0)
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('  ').slice(1)),
  ).toEqual([
    [appId, '4', 'paywall.created', `${opened[0]} #1`],
    [appId, '5', 'paywall.created', `${opened[1]} #1`],
  ])
  expect(stderr.match(/answered 204/g)).toHaveLength(2)
})

test('a listener begins where it is told to, or hears of every app', async () => {
  const { appId, events } = await feed(2)
  await using from = start(
    'server/cli.ts',
    ['events', 'listen', '--app', appId, '--from', '3', '--json'],
    environment(),
  )
  await using every = start('server/cli.ts', ['events', 'listen'], environment())
  const bodies = (await events()).slice(1).map(webhookOf).join('\n')
  await eventually(() => expect(from.output()).toContain(bodies))
  await eventually(() => expect(every.output()).toContain('listening'))
  const other = await feed(1)
  await eventually(() => expect(every.output()).toContain(`${other.appId}  3  paywall.created`))
  expect(every.output()).not.toContain(appId)
})

test('a part of the feed is told again, by position, time, type and object, and who refuses it is named', async () => {
  const { appId, events } = await feed(4)
  const all = (await events()).map(webhookOf)
  const replay = async (more: string) => {
    const { code, stdout } = await provider(`events replay --app ${appId} --json ${more}`)
    expect(code).toBe(0)
    return stdout.trimEnd().split('\n').filter(Boolean)
  }
  // a key sees all of its app but keys: that of this one is in the second place
  expect(await replay('--from 3 --to 5')).toEqual(all.slice(1, 4))
  expect(await replay('--types paywall.created')).toEqual(all.slice(1))
  const { objectId } = (await events())[2]!
  expect(await replay(`--object ${objectId}`)).toEqual([all[2]])
  expect(await replay('--from 2020-01-01 --to 2021-01-01')).toEqual([])
  expect(await replay('--from 2020-01-01 --types paywall.*')).toEqual(all.slice(1))

  const secret = newSigningSecret()
  for (const [status, code] of [
    [200, 0],
    [302, 1],
    [500, 1],
  ] as const) {
    await using hooks = await receiver(secret, status)
    const sent = await provider(
      `events replay --app ${appId} --from 4 --to 4 --forward ${hooks.url} --secret ${secret}`,
    )
    expect(sent).toMatchObject({ code, stderr: expect.stringContaining(`answered ${status}`) })
    expect(hooks.taken.map(webhookOf)).toEqual([all[2]])
  }
  const nobody = await provider(`events replay --app ${appId} --from 4 --to 4 --forward http://127.0.0.1:1/`)
  expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining('1 events, 1 of them not taken') })
  expect(nobody.stderr).toMatch(/signed with whsec_/)
})

test('an event of any type is made up for a receiver, and nothing is written', async () => {
  const secret = newSigningSecret()
  await using hooks = await receiver(secret)
  const before = await rowCounts(world.database)
  const sent = await provider(`events trigger payment.settled --forward ${hooks.url} --secret ${secret}`)
  expect(sent).toMatchObject({ code: 0, stderr: expect.stringContaining('answered 204') })
  expect(hooks.taken).toMatchObject([{ type: 'payment.settled', position: 0n, data: { state: 'settled' } }])
  const printed = await run('server/cli.ts', ['events', 'trigger', 'report.finished'], {})
  expect(JSON.parse(printed.stdout)).toMatchObject({ type: 'report.finished', data: { position: 0 } })
  expect(await rowCounts(world.database)).toEqual(before)
})

test.concurrent.each([
  ['events trigger', 'needs the type'],
  ['events trigger payment.paid', 'needs the type'],
  ['events trigger payment.*', 'needs the type'],
  ['events trigger payment.settled --forward nowhere', '--forward is a URL'],
  ['events trigger payment.settled --secret whsec_x', '--secret is for what --forward sends'],
  ['events trigger payment.settled --forward http://localhost:1 --secret whsec_x', '--secret is whsec_'],
  ['events listen --from 5', 'give --app'],
  ['events listen --app mine', '--app is the id'],
  ['events listen --types payment.paid', '"payment.paid" is no type'],
  ['events listen --nonsense', 'nonsense'],
  ['events replay', 'needs --app'],
  ['events replay --app 3f0c1f0e-6a1d-4b0a-9c53-0d8f6f1f2a11 --from yesterday', '--from is a time'],
  ['events replay --app 3f0c1f0e-6a1d-4b0a-9c53-0d8f6f1f2a11 --from 0', '--from is a position'],
  ['events replay --app 3f0c1f0e-6a1d-4b0a-9c53-0d8f6f1f2a11 --object x', '--object is the id'],
  ['events replay --app 3f0c1f0e-6a1d-4b0a-9c53-0d8f6f1f2a11', 'DATABASE_URL is missing'],
])('%s is told how it is meant', async (args, says) => {
  expect(await run('server/cli.ts', args.split(' '), {})).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(says),
  })
})
