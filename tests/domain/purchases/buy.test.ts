import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buy, createClient, errorOf } from '../../../client-sdk/index.ts'
import { readTransfers } from '../../../sandbox/chain/read-transfers.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import type { HttpayerFault } from '../../../sandbox/httpayer/start-httpayer.ts'
import type { BuyingCheck } from '../../../server/contract/purchases.ts'
import { sandboxSecrets } from '../../../server/sandbox-secrets.ts'
import { call } from '../../http/support/calls.ts'
import { instance } from '../../http/support/instance.ts'
import { anotherBuyer, buyOf, setTerms, termsFor, untilBought } from '../../support/buying.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ selling: true, environment: { DEADLINE_MS: '1500' } })
  await setTerms(world, termsFor(world))
})
afterAll(() => world[Symbol.asyncDispose]())

const api = (path: string) => `${world.selling().api.url}${path}`
/** A price that no other test pays, so that what was paid is told from what others paid. */
let last = 20_000n
const newPrice = () => ++last
/** What the payee of the API was paid with exactly so much. */
const paid = async (amount: bigint) => {
  const { payee } = world.selling().api
  const transfers = await readTransfers(world.chain.url, world.contracts.usdc)
  return transfers.filter((one) => one.to === payee && one.amount === amount)
}
/** What the budgets of an app have counted, one figure for each: of the app, and of its key. */
async function counted(appId: string): Promise<bigint[]> {
  const rows = await world.built.services.db.selectFrom('meter').select('buckets').where('app_id', '=', appId).execute()
  return rows.map(({ buckets }) => buckets.reduce((sum, [, , amount]) => sum + BigInt(amount), 0n))
}
describe('directly', () => {
  test.each([1, 2])('a call is bought by version %s of x402, and the chain shows what was paid', async (version) => {
    const price = newPrice()
    const bought = await buyOf(world.client, api(`/weather?price=${price}&version=${version}&between=us`))
    expect(bought).toMatchObject({
      ...{ state: 'completed', way: 'direct', url: api('/weather'), problem: null, replayed: false },
      ...{ price, fee: 0n, spent: price, payee: world.selling().api.payee, assetId: world.assetId },
      answer: { status: 200, encoding: 'utf8', truncated: false, headers: { 'content-type': 'application/json' } },
    })
    expect(JSON.parse(bought.answer!.body)).toMatchObject({ weather: 'sunny' })
    expect(await paid(price)).toMatchObject([{ from: world.buyer, transactionHash: bought.transactionHash }])
  })

  test('the same key answers the same, and pays nothing again', async () => {
    const price = newPrice()
    const idempotencyKey = randomUUID()
    const url = api(`/weather?price=${price}`)
    const first = await buyOf(world.client, url, { idempotencyKey, method: 'POST', body: '{"city":"Graz"}' })
    const again = await buyOf(world.client, url, { idempotencyKey, method: 'POST', body: '{"city":"Graz"}' })
    expect(JSON.parse(first.answer!.body)).toMatchObject({ asked: '{"city":"Graz"}' })
    expect(again).toEqual({ ...first, replayed: true })
    expect(await paid(price)).toHaveLength(1)
    const other = await buyOf(world.client, url, { idempotencyKey }).catch(errorOf)
    expect(other).toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' })
  })

  test('the same key at the same time pays once: the others hear that it is under way', async () => {
    const price = newPrice()
    const idempotencyKey = randomUUID()
    const url = api(`/weather?price=${price}&wait=300`)
    const input = { url, maxPrice: price, idempotencyKey }
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        call(world.url, { path: 'purchases.create', type: 'mutation' }, input, world.apiKey),
      ),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409])
    expect(answers.find(({ status }) => status === 200)!.data).toMatchObject({ state: 'completed', spent: price })
    expect(answers.find(({ status }) => status === 409)!.error!.data).toMatchObject({ code: 'PURCHASE_UNDER_WAY' })
    expect(await paid(price)).toHaveLength(1)
  })

  test('an answer that is lost after the payment is told to be lost, with the transaction, and nothing is paid again', async () => {
    const price = newPrice()
    const lost = await buyOf(world.client, api(`/weather?price=${price}&fault=lost`))
    const found = await untilBought(world.client, lost.id, 'completed')
    expect(found).toMatchObject({ answer: null, spent: price, problem: { reason: 'answer_lost' } })
    expect(await paid(price)).toMatchObject([{ transactionHash: found.transactionHash }])
  })

  test('what the seller answers is what was bought, whatever it says', async () => {
    const [failing, large, binary] = await Promise.all(
      ['failing', 'large', 'binary'].map((fault) =>
        buyOf(world.client, api(`/weather?price=${newPrice()}&fault=${fault}`)),
      ),
    )
    expect(failing).toMatchObject({ state: 'completed', answer: { status: 500, body: 'It rains in the server room.' } })
    expect(large).toMatchObject({ state: 'completed', answer: { status: 200, truncated: true } })
    expect(large!.answer!.body).toHaveLength(256 * 1024)
    expect(binary!.answer).toMatchObject({ encoding: 'base64', body: 'iVBOR/8A', truncated: false })
  })

  test('a seller that names another transaction is not believed: the chain is asked by the nonce', async () => {
    const price = newPrice()
    const earlier = await buyOf(world.client, api(`/weather?price=${newPrice()}`))
    const bought = await buyOf(world.client, api(`/weather?price=${price}&fault=liar&hash=${earlier.transactionHash}`))
    expect(bought).toMatchObject({ state: 'completed', spent: price })
    expect(bought.transactionHash).not.toBe(earlier.transactionHash)
    expect(await paid(price)).toMatchObject([{ transactionHash: bought.transactionHash }])
  })

  test('an API that asks for nothing is answered for nothing', async () => {
    const free = await buyOf(world.client, api('/weather?fault=free'))
    expect(free).toMatchObject({ state: 'completed', spent: 0n, price: null, answer: { status: 200 } })
  })

  test('nobody is followed elsewhere', async () => {
    const url = api(`/weather?fault=redirect&to=${encodeURIComponent('http://169.254.169.254/latest')}`)
    expect(await buyOf(world.client, url)).toMatchObject({
      state: 'failed',
      spent: 0n,
      problem: { reason: 'redirected' },
    })
  })

  test('an API that is not at a public address is not called', async () => {
    await using there = await instance(world, { BUYER_KEY: sandboxSecrets.buyerKey })
    const { calls } = world.selling().api
    const before = calls.length
    const refused = await buyOf(createClient({ url: there.url, apiKey: world.apiKey }), api('/weather'))
    expect(refused).toMatchObject({ state: 'failed', spent: 0n, problem: { reason: 'target_refused' } })
    expect(calls).toHaveLength(before)
  })

  test('buy() of the SDK waits until it is known what became of it', async () => {
    const price = newPrice()
    const bought = await buy(world.client, { url: api(`/weather?price=${price}&fault=lost`), maxPrice: price })
    expect(bought).toMatchObject({ state: 'completed', answer: null, problem: { reason: 'answer_lost' } })
    expect(await paid(price)).toHaveLength(1)
  })

  test('nothing that is ours to keep goes to the seller', async () => {
    const kept = { accept: 'text/plain', 'x-trace': 'yes', 'content-type': 'application/json' }
    const secrets = {
      ...{
        Authorization: 'Bearer x',
        Cookie: 'a=b',
        'X-Api-Key': 'k',
        'x-auth-token': 't',
        'proxy-authorization': 'p',
      },
      ...{
        'x-csrf-token': 'c',
        'x-amz-security-token': 's',
        'X-Payment': 'mine',
        'payment-signature': 'mine',
        host: 'h',
      },
    }
    const headers = { ...kept, ...secrets }
    for (const way of ['direct', 'httpayer'] as const) {
      await buyOf(world.client, api(`/clean-${way}?price=${newPrice()}`), { method: 'POST', body: '{}', headers, way })
      const calls = world.selling().api.calls.filter(({ path }) => path.startsWith(`/clean-${way}`))
      expect(calls.length).toBeGreaterThanOrEqual(2)
      for (const call of calls) {
        expect(call.headers).toMatchObject(kept)
        for (const [name, value] of Object.entries(secrets)) expect(call.headers[name.toLowerCase()]).not.toBe(value)
      }
    }
    const told = JSON.stringify(world.selling().httpayer.calls.map(({ body }) => body))
    expect(told).not.toContain('Bearer x')
  })
})

describe('through HTTPayer', () => {
  const via = (price: bigint, fault?: HttpayerFault) =>
    buyOf(world.client, api(`/weather?price=${price}${fault ? `&httpayer=${fault}` : ''}`), { way: 'httpayer' })

  test('its fee is counted, and what it paid is proven', async () => {
    const price = newPrice()
    const fee = (price * 3n + 99n) / 100n
    const before = world.selling().httpayer.credits
    expect(await via(price)).toMatchObject({ state: 'completed', way: 'httpayer', price, fee, spent: price + fee })
    expect(await paid(price)).toMatchObject([{ from: world.selling().httpayer.payer }])
    expect(Math.round((before - world.selling().httpayer.credits) * 1_000)).toBe(Number(price + fee))
  })

  test('an answer that is lost after it has paid needs attention, keeps the money reserved, and is never asked for again', async () => {
    const price = newPrice()
    const lost = await via(price, 'lost')
    expect(lost).toMatchObject({ state: 'attention', answer: null, problem: { reason: 'outcome_unknown' } })
    expect(lost.spent).toBeGreaterThan(price)
    expect(await paid(price)).toHaveLength(1)
    expect(
      world.log.filter(({ msg, purchaseId }) => msg === 'a purchase needs attention' && purchaseId === lost.id),
    ).toHaveLength(1)
  })

  test('502 with an id is followed until the id tells that it was paid, and proven', async () => {
    const price = newPrice()
    const late = await via(price, 'late')
    const found = await untilBought(world.client, late.id, 'completed')
    expect(found).toMatchObject({ answer: null, problem: { reason: 'answer_lost' } })
    expect(await paid(price)).toMatchObject([{ transactionHash: found.transactionHash }])
  })

  test.each(['unpaid', 'refunded'] as const)('502 with an id that tells of "%s" costs nothing', async (fault) => {
    const failed = await untilBought(world.client, (await via(newPrice(), fault)).id, 'failed')
    expect(failed).toMatchObject({ spent: 0n, problem: { reason: 'httpayer_not_paid' } })
  })

  test('502 with an id that never tells needs attention when its time is over', async () => {
    const price = newPrice()
    const silent = await untilBought(world.client, (await via(price, 'silent')).id, 'attention')
    expect(silent).toMatchObject({ problem: { reason: 'outcome_unknown' }, transactionHash: null })
    expect(silent.spent).toBeGreaterThan(price)
  })

  test('429 and used up credits cost nothing', async () => {
    const limited = await via(newPrice(), 'rate-limited')
    expect(limited).toMatchObject({ state: 'failed', spent: 0n, problem: { reason: 'httpayer_limit' } })
    const { httpayer } = world.selling()
    const { credits } = httpayer
    httpayer.setCredits(1)
    try {
      const price = newPrice()
      const poor = await via(price)
      expect(poor).toMatchObject({ state: 'failed', spent: 0n, problem: { reason: 'httpayer_credits' } })
      expect(await paid(price)).toEqual([])
    } finally {
      httpayer.setCredits(Math.floor(credits))
    }
  })

  test.each(['less', 'elsewhere'] as const)('what was paid otherwise ("%s") needs attention', async (fault) => {
    const wrong = await via(newPrice(), fault)
    expect(wrong).toMatchObject({ state: 'attention', problem: { reason: 'paid_otherwise' }, answer: { status: 200 } })
  })

  test('an answer that proves no payment needs attention', async () => {
    expect(await via(newPrice(), 'unproven')).toMatchObject({ state: 'attention', answer: { status: 200 } })
  })

  test('a transaction pays for one purchase only', async () => {
    const price = newPrice()
    const { transactionHash } = await via(price)
    const again = await buyOf(world.client, api(`/weather?price=${price}&fault=liar&hash=${transactionHash}`), {
      way: 'httpayer',
    })
    expect(again).toMatchObject({ state: 'attention', problem: { reason: 'paid_otherwise' } })
  })

  test('a price that rises between the question and the call is seen on the chain', async () => {
    const risen = await buyOf(world.client, api(`/rising-${randomUUID()}?price=${newPrice()}&fault=rising`), {
      way: 'httpayer',
      maxPrice: 1_000_000n,
    })
    expect(risen).toMatchObject({ state: 'attention', problem: { reason: 'paid_otherwise' } })
  })
})

describe('the terms', () => {
  const refusal = async (buying: Promise<unknown>) => {
    const error = await buying.then(() => {
      throw new Error('it was bought')
    }, errorOf)
    expect(error).toMatchObject({ code: 'PURCHASE_REFUSED', retryable: false })
    const { checks, purchaseId } = error.details as { checks: BuyingCheck[]; purchaseId: string }
    for (const { message, remedy } of checks)
      expect([message, remedy]).toEqual([expect.any(String), expect.any(String)])
    return { rules: checks.map(({ rule }) => rule), purchaseId }
  }
  const buys = async (terms: Parameters<typeof termsFor>[1], more: Parameters<typeof buyOf>[2] = {}, query = '') => {
    const { client } = await anotherBuyer(world, terms)
    const price = newPrice()
    const found = await refusal(buyOf(client, api(`/weather?price=${price}${query}`), more))
    expect(await paid(price)).toEqual([])
    const stored = await client.purchases.get.query({ purchaseId: found.purchaseId })
    expect(stored).toMatchObject({ state: 'refused', spent: 0n, answer: null })
    return found.rules
  }

  test('without terms nothing is bought, and the seller is not even asked', async () => {
    const { client } = await world.stranger()
    const before = world.selling().api.calls.length
    expect((await refusal(buyOf(client, api('/weather')))).rules).toEqual(['policy'])
    expect(world.selling().api.calls).toHaveLength(before)
  })

  test.each<[BuyingCheck['rule'], Parameters<typeof termsFor>[1], Parameters<typeof buyOf>[2]]>([
    ['host', { sellers: [{ host: 'api.example.com', payees: [] }] }, {}],
    ['payee', { sellers: [] }, {}],
    ['asset', { assets: [] }, {}],
    ['way', { ways: ['httpayer'] }, { way: 'direct' }],
    ['call', { perCall: 1n }, {}],
    ['app', { perApp: 1n }, {}],
    ['principal', { perPrincipal: 1n }, {}],
    ['maximum', {}, { maxPrice: 1n }],
  ])('refuse by the rule "%s", and say what would satisfy it', async (rule, terms, more) => {
    const { url } = world.selling().api
    const others = rule === 'payee' ? { sellers: [{ host: new URL(url).host, payees: [world.buyer] }] } : terms
    expect(await buys(others, more)).toEqual([rule])
  })

  test('a quote says the same, pays nothing and reserves nothing', async () => {
    const { client, appId } = await anotherBuyer(world, { perCall: 50_000n })
    const price = newPrice()
    const quote = await client.purchases.quote.mutate({ url: api(`/weather?price=${price}`) })
    const { payee } = world.selling().api
    expect(quote).toEqual({
      ...{ way: 'direct', checks: [], problem: null, allowed: true },
      offer: { assetId: world.assetId, chain: 'eip155:43113', payee, price, fee: 0n },
    })
    const dear = await client.purchases.quote.mutate({ url: api('/weather?price=60000'), maxPrice: 100n })
    expect(dear).toMatchObject({ allowed: false, checks: [{ rule: 'call' }, { rule: 'maximum' }] })
    const free = await client.purchases.quote.mutate({ url: api('/weather?fault=free') })
    expect(free).toMatchObject({ allowed: true, offer: null })
    const gone = await client.purchases.quote.mutate({ url: api('/weather?fault=redirect&to=/'), way: 'direct' })
    expect(gone).toMatchObject({ allowed: false, problem: { reason: 'redirected' } })
    expect(await paid(price)).toEqual([])
    expect(await counted(appId)).toEqual([])
  })
})

// last: on this chain time has passed afterwards
test('what no seller takes costs nothing once the signature has ended, and counts until then', async () => {
  const { client, appId } = await anotherBuyer(world)
  const price = newPrice()
  const [refused, given] = await Promise.all(
    ['refusing', 'unsettled'].map((fault) => buyOf(client, api(`/weather?price=${price}&fault=${fault}&seconds=50`))),
  )
  expect([refused!.state, given!.state]).toEqual(['paying', 'paying'])
  expect(await counted(appId)).toEqual([2n * price, 2n * price])
  await rpc(world.chain.url, 'evm_increaseTime', [60])
  await rpc(world.chain.url, 'evm_mine')
  const nothing = { spent: 0n, transactionHash: null, problem: { reason: 'not_taken' } }
  expect(await untilBought(client, refused!.id, 'failed')).toMatchObject({ ...nothing, answer: { status: 402 } })
  expect(await untilBought(client, given!.id, 'completed')).toMatchObject({ ...nothing, answer: { status: 200 } })
  expect(await counted(appId)).toEqual([0n, 0n])
  expect(await paid(price)).toEqual([])
})
