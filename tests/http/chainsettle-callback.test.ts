import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { errorOf } from '../../client-sdk/index.ts'
import type { CallbackToSend } from '../../sandbox/chainsettle/callback.ts'
import { chainsettleSetting } from '../../sandbox/chainsettle/setting.ts'
import type { Payment, Paywall, Wallet } from '../../server/contract/entities.ts'
import { sandboxSecrets } from '../../server/sandbox-secrets.ts'
import { workInbox } from '../support/inbox.ts'
import { publish } from '../support/policies.ts'
import { testWorld, type World } from '../support/world.ts'
import { request } from './support/calls.ts'
import { instance, nowhere } from './support/instance.ts'

const secret = sandboxSecrets.callbackSecret

let world: World
let paywall: Paywall
beforeAll(async () => {
  world = await testWorld({ workers: false, attestations: true })
  paywall = await world.paywall({ price: 5n })
  await publish(
    world,
    { rule: 'kyc', parties: ['payer'], level: 2, maxAgeDays: null, otherwise: 'deny', unanswered: 'review' },
    {
      rule: 'jurisdiction',
      parties: ['payer', 'recipient'],
      allowed: null,
      blocked: ['NG'],
      otherwise: 'deny',
      unanswered: 'deny',
    },
    { rule: 'threshold', assetId: world.assetId, above: 10n, otherwise: 'review' },
  )
  await world.chainsettle().attest(paywall.recipient)
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(() => world.chainsettle().reset())

const callback = `/webhooks/chainsettle`
const here = () => `${world.url}${callback}`

/** Calls with a good signature, and has what was called about read. */
async function call(callback: Omit<CallbackToSend, 'url'>): Promise<number | null> {
  const status = await world.chainsettle().sendCallback({ ...callback, url: here(), secret })
  await workInbox(world.built.services)
  return status
}

const pay = ({ id: walletId }: Wallet, paywallId = paywall.id) =>
  world.client.payments.create.mutate({ paywallId, walletId, idempotencyKey: randomUUID() })
const get = ({ id: paymentId }: Payment) => world.client.payments.get.query({ paymentId })

test('who was refused is known as soon as a callback says that there is something to read', async () => {
  const wallet = await world.wallet()
  expect(await pay(wallet).catch(errorOf)).toMatchObject({ code: 'REFUSED_BY_COMPLIANCE' })
  const idHash = await world.chainsettle().attest(wallet.address)
  // the answer of before is believed for a minute
  expect(await pay(wallet).catch(errorOf)).toMatchObject({ code: 'REFUSED_BY_COMPLIANCE' })

  expect(await call({ idHash })).toBe(200)
  expect(await pay(wallet)).toMatchObject({ state: 'accepted' })
})

test('payments that wait, from and to whom it is about, are asked about at once: refused, or left as they are', async () => {
  const [payer, other] = [await world.wallet(), await world.wallet()]
  for (const { address } of [payer, other]) await world.chainsettle().attest(address)
  const large = await world.paywall({ price: 11n })
  const queued = await pay(payer)
  const held = await pay(payer, large.id)
  expect(held.state).toBe('held')
  const another = await pay(other)

  // said to be in a second place, and so known to be in neither
  const idHash = await world.chainsettle().attest({ subject: payer.address, jurisdiction: 'uk' })
  expect(await call({ idHash, status: 'confirmed' })).toBe(200)
  for (const payment of [queued, held])
    expect(await get(payment)).toMatchObject({ state: 'refused', failure: { reason: 'JURISDICTION_UNKNOWN' } })
  expect(await get(another)).toMatchObject({ state: 'accepted' })

  const ofRecipient = await world.chainsettle().attest({ subject: paywall.recipient, jurisdiction: 'ng' })
  expect(await call({ idHash: ofRecipient })).toBe(200)
  expect(await get(another)).toMatchObject({ state: 'refused' })
})

test('a callback is no truth: whatever it says of a settlement that is not final, nobody is known by it', async () => {
  const wallet = await world.wallet()
  const idHash = await world.chainsettle().attest({ subject: wallet.address, stage: 'attested' })
  for (const status of ['completed', 'confirmed', 'failed']) expect(await call({ idHash, status })).toBe(200)
  expect(await pay(wallet).catch(errorOf)).toMatchObject({ code: 'REFUSED_BY_COMPLIANCE' })
})

const post = (body: string, headers: Record<string, string> = {}, url = world.url) =>
  request(`${url}${callback}`, body, { headers })

test('what is not signed as it must be is refused', async () => {
  const idHash = await world.chainsettle().attest((await world.wallet()).address)
  const { sendCallback } = world.chainsettle()
  expect(await sendCallback({ idHash, url: here() })).toBe(400)
  expect(await sendCallback({ idHash, url: here(), secret: 'another secret of some thirty-two characters' })).toBe(401)
  for (const clockOffset of [-301, 301])
    expect(await sendCallback({ idHash, url: here(), secret, clockOffset })).toBe(401)
  const body = JSON.stringify({ id_hash: idHash })
  for (const [signature, refusal, error] of [
    ['', 400, 'missing_headers'],
    ['v1=00', 400, 'bad_timestamp'],
    [`t=${Math.floor(Date.now() / 1000)},v1=zz`, 401, 'bad_signature'],
  ] as const) {
    const { status, text } = await post(body, { 'chainsettle-signature': signature })
    expect({ status, ...JSON.parse(text) }).toEqual({
      status: refusal,
      error,
      message: expect.stringMatching(/\w+ \w+/),
    })
  }
})

test('while the secret is being changed, either is good', async () => {
  const next = 'the next secret of some thirty-two characters'
  await using rotating = await instance(world, {
    CHAINSETTLE: chainsettleSetting(world.chainsettle().url, world.chain.chainId),
    CHAINSETTLE_CALLBACK_SECRET: `${secret},${next}`,
  })
  const idHash = await world.chainsettle().attest((await world.wallet()).address)
  const url = `${rotating.url}${callback}`
  for (const one of [secret, next])
    expect(await world.chainsettle().sendCallback({ idHash, url, secret: one })).toBe(200)
})

test('without a secret anybody may call, as often as one network may', async () => {
  await using open = await instance(world, {
    CHAINSETTLE: chainsettleSetting(world.chainsettle().url, world.chain.chainId),
    RATE_LIMITS: 'on',
  })
  const idHash = await world.chainsettle().attest((await world.wallet()).address)
  expect(await world.chainsettle().sendCallback({ idHash, url: `${open.url}${callback}` })).toBe(200)
  for (const body of ['hello', '{}', '{"id_hash":"0x12"}', '[]', '']) {
    const { status, text } = await post(body, {}, open.url)
    expect({ status, ...JSON.parse(text) }).toMatchObject({ status: 400, error: 'unreadable' })
  }
  const nobodys = JSON.stringify({ id_hash: '0'.repeat(64) })
  const answers = await Promise.all(Array.from({ length: 310 }, () => post(nobodys, {}, open.url)))
  const statuses = new Set(answers.map(({ status }) => status))
  expect(statuses).toEqual(new Set([200, 429]))
  expect(JSON.parse(answers.find(({ status }) => status === 200)!.text)).toEqual({ stored: true })
  expect((await post('x'.repeat(17 * 1024), {}, open.url)).status).toBe(413)
})

test('registries that do not answer: it is stored, and they are asked again; a service without Chainsettle has no such route', async () => {
  await workInbox(world.built.services)
  await using blind = await instance(world, {
    CHAINS: JSON.stringify([{ chainId: world.chain.chainId, rpcUrl: nowhere }]),
    CHAINSETTLE: chainsettleSetting(world.chainsettle().url, world.chain.chainId),
  })
  const body = JSON.stringify({ id_hash: '1'.repeat(64) })
  const { status, text } = await post(body, {}, blind.url)
  expect({ status, ...JSON.parse(text) }).toEqual({ status: 200, stored: true })
  const { db, clock } = blind.built.services
  const last = () =>
    db
      .selectFrom('webhook_inbox')
      .select(['state', 'result', 'last_error', 'attempts'])
      .where('provider', '=', 'chainsettle')
      .orderBy('received_at', 'desc')
      .executeTakeFirst()
  await workInbox(blind.built.services)
  expect(await last()).toMatchObject({ state: 'received', last_error: 'AttestationsUnavailable', attempts: 1 })
  const later = { now: () => new Date(clock.now().getTime() + 60_000) }
  await workInbox({ ...world.built.services, clock: later })
  expect(await last()).toMatchObject({ state: 'processed', result: 'no such settlement', attempts: 2 })
  await using plain = await instance(world)
  expect((await post(body, {}, plain.url)).status).toBe(404)
  expect((await fetch(here())).status).toBe(404)
})
