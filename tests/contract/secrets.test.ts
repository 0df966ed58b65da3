import { createHmac, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, errorOf } from '../../client-sdk/index.ts'
import { insertApiKey } from '../../server/domain/api-keys/insert-api-key.ts'
import { newSecret } from '../../server/domain/api-keys/secret.ts'
import { request } from '../http/support/calls.ts'
import { instance, nowhere } from '../http/support/instance.ts'
import { testWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
})
afterAll(() => world[Symbol.asyncDispose]())

/** Looks like each secret, and is found wherever it turns up. */
const canaries = {
  databasePassword: 'canary-of-the-database',
  crossmintKey: 'sk_staging_canary_of_crossmint',
  signerKey: `0x${Buffer.from('canary of the signer, 32 bytes.!').toString('hex')}`,
  webhookSecret: `whsec_${Buffer.from('canary of the webhooks').toString('base64')}`,
}

test('no secret is in a log line, an answer, an error or a metric, whatever goes wrong', async () => {
  const apiKey = newSecret()
  await insertApiKey(
    world.built.services.db,
    { kind: 'system', name: 'test' },
    {
      id: randomUUID(),
      appId: world.appId,
      name: 'canary',
      secret: apiKey,
      createdAt: new Date(),
      scopes: null,
      expiresAt: null,
    },
  )
  const secrets = {
    LOG_LEVEL: 'trace',
    CROSSMINT_API_KEY: canaries.crossmintKey,
    CROSSMINT_SIGNER_KEY: canaries.signerKey,
    CROSSMINT_WEBHOOK_SECRET: canaries.webhookSecret,
    CROSSMINT_URL: nowhere,
  }
  const withPassword = new URL(world.database.applicationUrl)
  withPassword.password = canaries.databasePassword
  await using well = await instance(world, secrets)
  await using noChain = await instance(world, { ...secrets, CHAINS: `[{"chainId":43113,"rpcUrl":"${nowhere}"}]` })
  await using noDatabase = await instance(world, { ...secrets, DATABASE_URL: withPassword.href })
  well.built.startWorkers()

  const heard: string[] = []
  const hear = (value: unknown) =>
    heard.push(JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each)) ?? '')
  const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet()])
  for (const { url } of [well, noChain, noDatabase]) {
    const client = createClient({ url, apiKey })
    const calls = [
      client.apps.mine.query(),
      client.wallets.create.mutate({ owner: randomUUID() }),
      client.wallets.balances.query({ walletId: wallet.id }),
      client.payments.create.mutate({ paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() }),
      client.payments.create.mutate({ paywallId: apiKey, walletId: wallet.id, idempotencyKey: 'x' }),
    ]
    for (const answer of await Promise.all(calls.map((call) => call.catch(errorOf)))) hear(answer)
    for (const path of ['health/ready', 'health/live', 'metrics', 'nowhere'])
      hear((await request(`${url}/${path}`, undefined, { method: 'GET', apiKey })).text)
    hear((await request(`${url}/webhooks/crossmint`, 'hello', { apiKey })).text)
    hear((await request(`${url}/trpc/wallets.create`, apiKey, { apiKey })).text)
    const timestamp = String(Math.floor(Date.now() / 1000))
    const key = Buffer.from(canaries.webhookSecret.slice(6), 'base64')
    const signature = `v1,${createHmac('sha256', key).update(`msg_1.${timestamp}.hello`).digest('base64')}`
    hear(
      (
        await request(`${url}/webhooks/crossmint`, 'hello', {
          headers: { 'svix-id': 'msg_1', 'svix-timestamp': timestamp, 'svix-signature': signature },
        })
      ).text,
    )
  }

  const logs = [well, noChain, noDatabase].flatMap(({ lines }) => lines.map(({ text }) => text))
  expect(logs.length).toBeGreaterThan(20)
  expect(logs.some((line) => line.includes('DATABASE_UNAVAILABLE') || line.includes('password'))).toBe(true)
  const everything = [...logs, ...heard].join('\n')
  for (const [name, secret] of Object.entries({ ...canaries, apiKey })) {
    expect(everything.includes(secret), name).toBe(false)
    expect(everything.toLowerCase().includes(secret.replace(/^(0x|whsec_|psk_|sk_)/, '').toLowerCase()), name).toBe(
      false,
    )
  }
})

test('the secret of an API key is answered once, stored nowhere, and not part of a replay', async () => {
  const input = { appId: world.appId, name: 'once', idempotencyKey: randomUUID() }
  const made = await world.operator.apiKeys.create.mutate(input)
  const again = await world.operator.apiKeys.create.mutate(input)
  expect(made.secret).toMatch(/^psk_[\w-]{43}$/)
  expect(again).toEqual({ ...made, secret: null, replayed: true })

  const tables = ['api_key', 'audit', 'event', 'idempotency']
  for (const table of tables) {
    const { rows } = await world.database.pool.query(`select t::text as row from "${table}" t`)
    for (const { row } of rows) {
      expect(row).not.toContain(made.secret)
      expect(row).not.toContain(Buffer.from(made.secret!).toString('hex'))
    }
  }
})
