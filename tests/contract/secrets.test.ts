import { createHmac, randomUUID } from 'node:crypto'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, errorOf } from '../../client-sdk/index.ts'
import type { Challenge, Token } from '../../server/contract/entities.ts'
import { insertApiKey } from '../../server/domain/api-keys/insert-api-key.ts'
import { newSecret } from '../../server/domain/api-keys/secret.ts'
import { callerFor } from '../http/support/callers.ts'
import { type Answer, call, procedures, request, send } from '../http/support/calls.ts'
import { goodInputs } from '../http/support/inputs.ts'
import { instance, nowhere } from '../http/support/instance.ts'
import { cookieOf, PAGE } from '../support/people.ts'
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
  sessionPassword: 'canary-of-the-session-cookies-of-people',
  tokenSeed: Buffer.from('canary of the tokens of mini-app').toString('base64url'),
  auditSeed: Buffer.from('canary of the audit log, 32 byte').toString('base64url'),
  checkpointsPath: 'canary-of-the-checkpoints',
  operatorKey: `psk_${'canary-of-the-first-operators-key'.padEnd(43, '-')}`,
  rpcKey: 'canary-of-the-rpc-provider',
}

/** Somebody who signs in there and uses what they are given, which is as secret. */
async function signInAt(url: string): Promise<{ secrets: Record<string, string>; answers: Answer[] }> {
  const account = privateKeyToAccount(generatePrivateKey())
  const mutate = (path: string, input: unknown, headers: Record<string, string>) =>
    call(url, { path, type: 'mutation' }, input, headers)
  const page = { origin: PAGE }
  const question = { appId: world.appId, address: account.address, chainId: world.chain.chainId }
  const challenge = await mutate('auth.challenge', question, page)
  if (challenge.status !== 200) return { secrets: {}, answers: [challenge] }
  const { nonce, message } = challenge.data as Challenge
  const signature = await account.signMessage({ message })
  const verified = await mutate('auth.verify', { nonce, signature }, page)
  const again = await mutate('auth.verify', { nonce, signature }, page)
  if (verified.status !== 200) return { secrets: { nonce, signature }, answers: [verified, again] }
  const cookie = cookieOf(verified)
  const me = { ...page, cookie }
  const minted = await mutate('auth.token', { scopes: ['payments:read'] }, me)
  const { token } = minted.data as Token
  const bearer = { authorization: `Bearer ${token}` }
  const answers = [
    again,
    await mutate('wallets.open', undefined, { ...me, origin: 'https://canary.test' }),
    await mutate('wallets.open', undefined, bearer),
    await mutate('auth.signOut', {}, me),
    await mutate('wallets.open', undefined, me),
    await mutate('wallets.open', undefined, { ...me, cookie: `${cookie}x` }),
    await mutate('wallets.open', undefined, { authorization: `Bearer ${token}x` }),
  ]
  const seal = decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1))
  return { secrets: { nonce, signature, seal, token }, answers }
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
    SESSION_PASSWORDS: `7:${canaries.sessionPassword}`,
    TOKEN_KEYS: `k:${canaries.tokenSeed}`,
    AUDIT_KEYS: `k:${canaries.auditSeed}`,
    AUDIT_CHECKPOINTS: `${nowhere}/${canaries.checkpointsPath}`,
    SEAL_INTERVAL_MS: '50',
    OPERATOR_KEY: canaries.operatorKey,
  }
  const withPassword = new URL(world.database.applicationUrl)
  withPassword.password = canaries.databasePassword
  await using well = await instance(world, secrets)
  await using noChain = await instance(world, {
    ...secrets,
    CHAINS: `[{"chainId":43113,"rpcUrl":"${nowhere}/${canaries.rpcKey}"}]`,
  })
  await using noDatabase = await instance(world, { ...secrets, DATABASE_URL: withPassword.href })
  well.built.startWorkers()

  const heard: string[] = []
  const hear = (value: unknown) =>
    heard.push(JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each)) ?? '')
  const given: Record<string, string> = {}
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
    const { secrets: theirs, answers } = await signInAt(url)
    for (const [name, secret] of Object.entries(theirs)) given[`${name} of ${url}`] = secret
    for (const { text } of answers) hear(text)
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
  expect(Object.keys(given).length).toBeGreaterThan(6)
  for (const [name, secret] of Object.entries({ ...canaries, ...given, apiKey })) {
    expect(everything.includes(secret), name).toBe(false)
    expect(everything.toLowerCase().includes(secret.replace(/^(0x|whsec_|psk_|sk_)/, '').toLowerCase()), name).toBe(
      false,
    )
  }
})

test('nothing that a caller sends is in a log line, an error or a metric', async () => {
  const marker = 'canary-of-an-input'
  // its audit log is sealed with its own key, and not with the one of another test
  await using world = await testWorld({ workers: false })
  await using service = await instance(world, { LOG_LEVEL: 'trace' })
  const errors: string[] = []
  for (const procedure of procedures) {
    const { headers, person } = await callerFor(world, procedure)
    const good = (await goodInputs[procedure.path]!(world, person)) ?? {}
    const fields = Object.keys(procedure.fields)
    const inputs = [
      // text where text fits, and where it does not
      ...fields.map((field) => ({ ...good, [field]: typeof good[field] === 'string' ? marker : [marker] })),
      ...fields.map((field) => ({ ...good, [field]: { [marker]: marker } })),
      { [marker]: marker },
    ]
    const answers = await Promise.all(
      inputs.map((input) =>
        call(service.url, procedure, input, { ...headers, 'user-agent': marker, [marker]: marker }),
      ),
    )
    answers.push(
      await send(service.url, procedure, `{"json":"${marker}`, { headers }),
      await call(service.url, procedure, good, { ...headers, 'x-request-id': `${marker} !` }),
      await call(service.url, procedure, good, { ...headers, authorization: `Bearer ${marker}` }),
      await call(service.url, procedure, good, {
        cookie: `provider-session=${marker}`,
        origin: `https://${marker}.test`,
      }),
    )
    errors.push(...answers.filter(({ status }) => status !== 200).map(({ text }) => `${procedure.path}: ${text}`))
  }
  for (const path of [marker, `payments.${marker}`])
    errors.push((await call(service.url, { path, type: 'query' }, { [marker]: marker }, world.apiKey)).error!.message)
  const metrics = await (await fetch(`${service.url}/metrics`)).text()

  expect(errors.length).toBeGreaterThan(procedures.length * 4)
  const found = [...errors, ...service.lines.map(({ text }) => text), metrics].filter((text) => text.includes(marker))
  expect(found).toEqual([])
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
