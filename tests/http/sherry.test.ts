import { randomUUID } from 'node:crypto'
import { decodeFunctionData, erc20Abi, type Hex, parseTransaction } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Paywall } from '../../server/contract/entities.ts'
import { publish } from '../support/policies.ts'
import { testWorld, USDC, type World } from '../support/world.ts'
import { instance } from './support/instance.ts'
import { growth, rowCounts, withAdmin } from './support/rows.ts'
import { worldElsewhere } from './support/world-of.ts'

let world: World
let paywall: Paywall
beforeAll(async () => {
  world = await testWorld({ workers: false })
  paywall = await world.paywall({ price: (3n * USDC) / 2n, accessSeconds: 30 * 86_400 })
})
afterAll(() => world[Symbol.asyncDispose]())

const somebody = () => privateKeyToAccount(generatePrivateKey()).address

interface Asked {
  method?: string
  headers?: Record<string, string>
  body?: string | FormData
  url?: string
}

/** One answer, as a page on another site or a program reads it. */
async function ask(path: string, { url = world.url, ...init }: Asked = {}) {
  const response = await fetch(`${url}/sherry${path}`, init)
  const text = await response.text()
  const json = text.startsWith('{') ? JSON.parse(text) : null
  return { status: response.status, headers: response.headers, json, text }
}

const metadata = (id = paywall.id, query = '') => ask(`/paywalls/${id}${query}`)
const pay = (id = paywall.id, asked: Asked & { query?: string } = {}) =>
  ask(`/paywalls/${id}/pay${asked.query ?? ''}`, { method: 'POST', ...asked })
const payAs = (payer: string, id = paywall.id) => pay(id, { headers: { 'x-wallet-address': payer } })

/** What a wallet would be asked to sign. */
function transferIn(json: { serializedTransaction: Hex }) {
  const { to, data, chainId, type, value } = parseTransaction(json.serializedTransaction)
  const { functionName, args } = decodeFunctionData({ abi: erc20Abi, data: data!.slice(0, 2 + 2 * 68) as Hex })
  return { to, chainId, type, value, functionName, args, named: data!.slice(2 + 2 * 68) }
}

const theTransfer = () => ({
  to: world.contracts.usdc.toLowerCase(),
  chainId: 43_113,
  type: 'legacy',
  value: undefined,
  functionName: 'transfer',
  args: [paywall.recipient, paywall.price],
  named: paywall.id.replaceAll('-', ''),
})

describe('the mini-app of a paywall', () => {
  test('is one button that pays its price', async () => {
    const { status, json } = await metadata()
    expect(status).toBe(200)
    expect(json).toEqual({
      url: `${world.url}/sherry/paywalls/${paywall.id}`,
      icon: `${world.url}/sherry/icon.svg`,
      title: 'A test',
      description:
        'Access for 30 days for 1.5 USDC. Once it is paid, sign in to the app with the same wallet to unlock it.',
      baseUrl: world.url,
      actions: [
        {
          type: 'dynamic',
          label: 'Pay 1.5 USDC',
          description: `Sends 1.5 USDC to ${paywall.recipient}.`,
          chains: { source: 43_113 },
          path: `/sherry/paywalls/${paywall.id}/pay`,
        },
      ],
    })
  })

  test('names its chain for the older SDK, and refuses one that it does not know', async () => {
    const { json } = await metadata(paywall.id, '?sdk=2.20')
    expect(json.actions[0].chains).toEqual({ source: 'fuji' })
    expect((await metadata(paywall.id, '?sdk=1')).status).toBe(400)
  })

  test('of any app is there for whoever knows its id', async () => {
    const stranger = await world.stranger()
    const { id } = await stranger.client.paywalls.create.mutate({
      title: 'of another app',
      assetId: world.assetId,
      price: 1n,
      recipient: somebody(),
      idempotencyKey: randomUUID(),
    })
    expect((await metadata(id)).json.title).toBe('of another app')
    expect((await payAs(somebody(), id)).status).toBe(200)
  })

  test('says how long access is: in the largest unit that holds it whole', async () => {
    const periods: [number | undefined, string][] = [
      [undefined, 'for good'],
      [1, 'for 1 second'],
      [90, 'for 90 seconds'],
      [3_600, 'for 1 hour'],
      [86_400, 'for 1 day'],
    ]
    for (const [accessSeconds, words] of periods) {
      const { id } = await world.paywall(accessSeconds === undefined ? {} : { accessSeconds })
      expect((await metadata(id)).json.description).toContain(`Access ${words} for 1 USDC.`)
    }
  })

  test('has an icon that any page may show', async () => {
    const { status, headers, text } = await ask('/icon.svg')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toMatch(/^image\/svg\+xml/)
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(text).toMatch(/^<svg /)
  })
})

describe('the transaction that pays', () => {
  test('is unsigned, of exactly the price, to the recipient, and names the paywall', async () => {
    const { status, json, headers } = await payAs(somebody())
    expect(status).toBe(200)
    expect(transferIn(json)).toEqual(theTransfer())
    expect(json.chainId).toBe('43113')
    expect(json.abi).toEqual([expect.objectContaining({ name: 'transfer', type: 'function' })])
    expect(json.params).toEqual({
      functionName: 'transfer',
      args: { to: paywall.recipient, value: String(paywall.price) },
    })
    expect(headers.get('set-cookie')).toBeNull()
    expect(headers.get('cache-control')).toBe('no-store')
  })

  const address = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
  const inBody = (context: object) => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ action: 'Pay', params: {}, context }),
  })
  test.each<[string, Asked & { query?: string }]>([
    ['the query', { query: `?userAddress=${address}&chain=fuji` }],
    ['a header', { headers: { 'x-wallet-address': address, 'x-chain-id': '43113' } }],
    ['the body', inBody({ userAddress: address, sourceChain: 43_113 })],
    ['the body, in the words of the older', inBody({ userAddress: address, sourceChain: 'fuji' })],
    ['an address in one case', { query: `?userAddress=${address.toLowerCase()}` }],
  ])('who pays is read from %s', async (_, asked) => {
    const { status, json } = await pay(paywall.id, asked)
    expect(status).toBe(200)
    expect(transferIn(json)).toEqual(theTransfer())
  })

  test('who pays is read from the headers where the body is a form with files', async () => {
    const body = new FormData()
    body.set('_sdk_context', JSON.stringify({ userAddress: address }))
    body.set('file', new Blob(['x'.repeat(1_000)]), 'x.txt')
    const { status, json } = await pay(paywall.id, { headers: { 'x-wallet-address': address }, body })
    expect(status).toBe(200)
    expect(transferIn(json)).toEqual(theTransfer())
  })

  test('is of the server’s price, whatever a host sends', async () => {
    const { headers, body } = inBody({ userAddress: address })
    const lies = {
      ...JSON.parse(body),
      price: '1',
      amount: '1',
      params: { amount: 1, to: address, recipient: address },
    }
    const query = `?amount=1&price=1&to=${address}&token=${address}&paywallId=${randomUUID()}`
    const { json } = await pay(paywall.id, { headers, body: JSON.stringify(lies), query })
    expect(transferIn(json)).toEqual(theTransfer())
  })

  test('is of the price of now', async () => {
    const { id } = await world.paywall({ price: 5n })
    await world.client.paywalls.update.mutate({ paywallId: id, price: 7n })
    expect(transferIn((await payAs(somebody(), id)).json).args).toEqual([paywall.recipient, 7n])
  })
})

describe('nothing is ever written', () => {
  test('by what is shown, paid or refused', async () => {
    const denied = somebody()
    await world.client.lists.add.mutate({ list: 'sanctions-2', address: denied, reason: 'named by a court' })
    const { id: closed } = await world.paywall()
    await world.client.paywalls.archive.mutate({ paywallId: closed })
    const before = await rowCounts(world.database)

    const answers = [
      await metadata(),
      await payAs(somebody()),
      await payAs(denied),
      await payAs(somebody(), closed),
      await payAs(somebody(), randomUUID()),
      await pay(),
    ]

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 403, 409, 404, 400])
    expect(growth(before, await rowCounts(world.database))).toEqual({})
  })
})

describe('refused', () => {
  test('somebody on a deny list: with the rule and what would satisfy it, and not why they are on it', async () => {
    const denied = somebody()
    await world.client.lists.add.mutate({ list: 'deny', address: denied, reason: 'a secret reason' })

    const { status, json, text } = await payAs(denied)

    expect(status).toBe(403)
    expect(json).toMatchObject({
      error: 'Compliance does not allow this payment: deny-list.',
      code: 'REFUSED_BY_COMPLIANCE',
      requestId: expect.any(String),
    })
    expect(json.checks).toEqual([
      {
        rule: 'deny-list',
        outcome: 'deny',
        code: 'ADDRESS_ON_DENY_LIST',
        remedy: expect.stringContaining('another payer'),
      },
    ])
    expect(text).not.toContain('a secret reason')
  })

  test('a recipient on a deny list', async () => {
    const recipient = somebody()
    const { id } = await world.paywall({ recipient })
    await world.client.lists.add.mutate({ list: 'deny', address: recipient, reason: 'a test' })
    const { status, json } = await payAs(somebody(), id)
    expect(status).toBe(403)
    expect(json.checks[0].remedy).toContain('another recipient')
  })

  test('what an officer would have to look at first; without a word of what others have paid', async () => {
    const other = await worldElsewhere(world)
    const asset = { assetId: other.assetId, windowSeconds: 3_600, per: 'app' as const, count: null }
    await publish(
      other,
      { rule: 'threshold', assetId: other.assetId, above: 5n, otherwise: 'review' },
      { rule: 'limit', ...asset, sum: 8n, otherwise: 'deny' },
    )
    const ofPrice = async (price: bigint) => {
      const { id } = await other.paywall({ price })
      return payAs(somebody(), id)
    }
    expect((await ofPrice(5n)).status).toBe(200)
    const held = await ofPrice(6n)
    expect(held.status).toBe(403)
    expect(held.json.error).toMatch(/officer would have to look at this payment first: threshold/)
    const above = await ofPrice(9n)
    expect(above.json.checks).toContainEqual({
      rule: 'limit',
      outcome: 'deny',
      code: 'LIMIT_SUM_REACHED',
      remedy: 'Wait, or sign in to the app, which says more.',
    })
  })

  test.each([
    ['none', ''],
    ['what is none', '?userAddress=0x123'],
    ['one with a mistyped checksum', '?userAddress=0x90F79bf6EB2c4f870365E785982E1f101E93b90B'],
    ['the zero address', `?userAddress=0x${'0'.repeat(40)}`],
    ['two', `?userAddress=${somebody()}&userAddress=${somebody()}`],
  ])('an address that is %s: 400', async (_, query) => {
    const { status, json } = await pay(paywall.id, { query })
    expect(status).toBe(400)
    expect(json.code).toBe('INVALID_INPUT')
    expect(json.error).toMatch(/wallet .*pays|wallet pays/)
  })

  test.each(['{', '"text"', '[]', 'null', '{"context":null}', '{"context":{"userAddress":{}}}'])(
    'a body such as %s: 400',
    async (body) => {
      const { status, json } = await pay(paywall.id, { headers: { 'content-type': 'application/json' }, body })
      expect(status).toBe(400)
      expect(json.code).toBe('INVALID_INPUT')
    },
  )

  test('a body that is too large: 413', async () => {
    const body = JSON.stringify({ context: { userAddress: somebody() }, more: 'x'.repeat(17_000) })
    const { status, json } = await pay(paywall.id, { headers: { 'content-type': 'application/json' }, body })
    expect(status).toBe(413)
    expect(json.code).toBe('TOO_LARGE')
  })

  test('a closed paywall: 409, and one past its time too', async () => {
    const { id } = await world.paywall()
    await world.client.paywalls.archive.mutate({ paywallId: id })
    const late = await world.paywall({ expiresAt: new Date(Date.now() + 3_600_000) })
    await withAdmin(world.database.adminUrl, (admin) =>
      admin.query(`update paywall set expires_at = now() - interval '1 minute' where id = $1`, [late.id]),
    )
    for (const closed of [id, late.id])
      for (const answer of [await metadata(closed), await payAs(somebody(), closed)]) {
        expect(answer.status).toBe(409)
        expect(answer.json.code).toBe('PAYWALL_CLOSED')
      }
  })

  test('a paywall that there is not: 404', async () => {
    for (const id of [randomUUID(), 'no-uuid', '%27'])
      for (const answer of [await metadata(id), await payAs(somebody(), id)]) {
        expect(answer.status).toBe(404)
        expect(answer.json.code).toBe('NOT_FOUND')
      }
    expect((await ask('/nowhere')).status).toBe(404)
    expect((await ask('/paywalls/%E0%A4%A')).status).toBe(400)
  })

  test('a host on another chain: 422', async () => {
    for (const asked of [{ query: '&chain=avalanche' }, { query: '&chain=1' }, { query: '', chain: '8453' }]) {
      const { status, json } = await pay(paywall.id, {
        query: `?userAddress=${somebody()}${asked.query}`,
        headers: asked.chain ? { 'x-chain-id': asked.chain } : {},
      })
      expect(status).toBe(422)
      expect(json).toMatchObject({ code: 'CHAIN_NOT_SUPPORTED', error: expect.stringContaining('eip155:43113') })
    }
  })

  test('a paywall on a chain that Sherry does not know, in a dialect: 422', async () => {
    const { id } = await world.paywall()
    const onChain = (chainId: number) =>
      withAdmin(world.database.adminUrl, (admin) =>
        admin.query(
          `with moved as (insert into asset select gen_random_uuid(), $1, address, symbol, decimals, created_at, version, audit_head
            from asset where chain_id = 43113 limit 1 returning id)
          update paywall set asset_id = (select id from moved) where id = $2`,
          [chainId, id],
        ),
      )
    await onChain(8_453)
    expect((await metadata(id)).json.actions[0].chains).toEqual({ source: 8_453 })
    expect((await metadata(id, '?sdk=2.20')).json).toMatchObject({ code: 'CHAIN_NOT_SUPPORTED' })
    // this service has no node of it either
    expect((await payAs(somebody(), id)).status).toBe(422)
    await onChain(99_372)
    expect((await metadata(id)).status).toBe(422)
  })

  test('who calls too often: 429, with the time to wait', async () => {
    await using limited = await instance(world, { RATE_LIMITS: 'on' })
    // refused before anything is read, and counted all the same
    const answers = await Promise.all(Array.from({ length: 305 }, () => pay(paywall.id, { url: limited.url })))
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(300)
    const answer = answers.find(({ status }) => status === 429)!
    expect(answer.json.code).toBe('RATE_LIMITED')
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    // looking is counted apart
    expect((await ask(`/paywalls/${paywall.id}`, { url: limited.url })).status).toBe(200)
  })
})

describe('a page on any site', () => {
  const origin = { origin: 'https://social.example.com' }

  test('may send all that either SDK sends', async () => {
    for (const path of ['/paywalls/x', `/paywalls/${paywall.id}/pay`, '/icon.svg', '/nowhere']) {
      const { status, headers, text } = await ask(path, {
        method: 'OPTIONS',
        headers: {
          ...origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'x-sdk-version',
        },
      })
      expect([status, text]).toEqual([204, ''])
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('access-control-allow-credentials')).toBeNull()
      expect(headers.get('access-control-allow-methods')).toBe('GET,POST,OPTIONS')
      const allowed = headers.get('access-control-allow-headers')!.split(',')
      for (const name of ['content-type', 'authorization', 'x-wallet-address', 'x-chain-id', 'x-sdk-version'])
        expect(allowed).toContain(name)
      for (const name of ['target-url', 'operation', 'client-key', 'proxy', 'version'])
        expect(allowed).toContain(`x-sherry-${name}`)
    }
  })

  test('can read every answer, refusals too, and gets no cookie', async () => {
    const answers = [
      await ask(`/paywalls/${paywall.id}`, { headers: origin }),
      await ask(`/paywalls/${paywall.id}/pay`, { method: 'POST', headers: origin }),
      await ask(`/paywalls/${randomUUID()}`, { headers: origin }),
      await ask('/nowhere', { headers: origin }),
      await ask('/paywalls/%E0%A4%A', { headers: origin }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 404, 404, 400])
    for (const { headers } of answers) {
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('access-control-allow-credentials')).toBeNull()
      expect(headers.get('set-cookie')).toBeNull()
    }
  })
})
