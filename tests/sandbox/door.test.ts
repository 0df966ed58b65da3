import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Chain } from '../../sandbox/chain/start-chain.ts'
import { allScopes, type Scope } from '../../sandbox/crossmint/options.ts'
import { apiOf, fuji, fundedWallet, testChain, testCrossmint, transfer, usdc } from './world.ts'

let chain: Chain
beforeAll(async () => {
  chain = await testChain()
})
afterAll(() => chain.stop())

const somebody = () => privateKeyToAccount(generatePrivateKey())
const base = '/2025-06-09/wallets'

test('without a key or with an unknown one: 401', async () => {
  await using world = await testCrossmint(chain.url)
  for (const key of [null, 'sk_staging_other']) {
    const answer = await apiOf(world.url, key).createWallet(somebody())
    expect(answer).toMatchObject({ status: 401, body: { error: true, message: expect.any(String) } })
  }
  expect(await world.control.wallets()).toEqual([])
})

test('each operation needs its scope: 403 without, and nothing done', async () => {
  const needs: [Scope, string, string, object?][] = [
    ['wallets.create', 'POST', base, { chainType: 'evm', config: { adminSigner: { type: 'api-key' } } }],
    ['wallets.read', 'GET', `${base}/WALLET`],
    ['wallets:balance.read', 'GET', `${base}/WALLET/balances?tokens=usdc`],
    [
      'wallets:transactions.create',
      'POST',
      `${base}/WALLET/transactions`,
      { params: { calls: [transfer(0n)], chain: fuji } },
    ],
    ['wallets:transactions.read', 'GET', `${base}/WALLET/transactions`],
    ['wallets:transactions.sign', 'POST', `${base}/WALLET/transactions/1/approvals`, { approvals: [] }],
    [
      'wallets:signatures.create',
      'POST',
      `${base}/WALLET/signatures`,
      { type: 'message', params: { message: 'm', chain: fuji } },
    ],
    ['wallets:signatures.read', 'GET', `${base}/WALLET/signatures`],
    ['wallets.fund', 'POST', '/v1-alpha2/wallets/WALLET/balances', { amount: 1, token: 'usdxm', chain: fuji }],
  ]
  const keys = allScopes.map((scope) => ({
    key: `without ${scope}`,
    projectId: 'project-1',
    scopes: allScopes.filter((each) => each !== scope),
  }))
  await using world = await testCrossmint(chain.url, {
    apiKeys: [{ key: 'sk_staging_test', projectId: 'project-1' }, ...keys],
  })
  const { body } = await world.api.createWallet(somebody())
  for (const [scope, method, path, given] of needs) {
    const real = path.replace('WALLET', body.address)
    const refused = await apiOf(world.url, `without ${scope}`).call(method, real, given)
    expect(refused, scope).toMatchObject({
      status: 403,
      body: { error: true, message: expect.stringContaining(scope) },
    })
    expect((await world.api.call(method, real, given)).status, scope).not.toBe(403)
  }
  expect((await world.control.wallets()).length).toBe(2)
})

test('a project sees its own wallets only', async () => {
  await using world = await testCrossmint(chain.url, {
    apiKeys: [
      { key: 'sk_staging_test', projectId: 'project-1' },
      { key: 'sk_staging_two', projectId: 'project-2' },
    ],
  })
  const owner = somebody()
  const [ours, theirs] = [world.api, apiOf(world.url, 'sk_staging_two')]
  const one = await ours.createWallet(owner, { owner: 'userId:7' })
  const two = await theirs.createWallet(owner, { owner: 'userId:7' })
  expect(two.body.address).not.toBe(one.body.address)
  expect((await theirs.call('GET', `${base}/${one.body.address}`)).status).toBe(404)
  expect((await theirs.transact(one.body.address, [transfer(0n)])).status).toBe(404)
})

test('120 writes and 360 reads a minute and project; the next minute starts anew', async () => {
  await using world = await testCrossmint(chain.url, { rateLimit: { writes: 120, reads: 360 } })
  const { body } = await world.api.createWallet(somebody())
  const read = () => world.api.call('GET', `${base}/${body.address}`)
  const write = () => world.api.createWallet(somebody())

  const statuses = async (times: number, request: () => Promise<{ status: number }>) => {
    const answers = await Promise.all(Array.from({ length: times }, request))
    return {
      passed: answers.filter(({ status }) => status < 300).length,
      limited: answers.filter(({ status }) => status === 429).length,
    }
  }
  expect(await statuses(130, write)).toEqual({ passed: 119, limited: 11 })
  expect(await statuses(370, read)).toEqual({ passed: 360, limited: 10 })
  expect((await write()).headers.get('retry-after')).toBeNull()

  await world.control.advanceClock(60_000)
  expect((await write()).status).toBe(201)
  expect((await read()).status).toBe(200)
})

test('Retry-After comes when it is told to', async () => {
  await using world = await testCrossmint(chain.url, {
    rateLimit: { writes: 0, reads: 0 },
    behaviour: { retryAfter: true },
  })
  const { status, headers } = await world.api.createWallet(somebody())
  expect(status).toBe(429)
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
})

test('a wallet is found by every form of its locator', async () => {
  await using world = await testCrossmint(chain.url)
  const user = (await world.api.createWallet(somebody(), { owner: 'userId:tenant-7:user-42' })).body
  const spare = (await world.api.createWallet(somebody(), { owner: 'userId:tenant-7:user-42', alias: 'spare' })).body
  const treasury = (await world.api.createWallet(somebody(), { alias: 'treasury' })).body
  const find = async (locator: string) =>
    (await world.api.call('GET', `${base}/${encodeURIComponent(locator)}`)).body.address

  expect(new Set([user.address, spare.address, treasury.address]).size).toBe(3)
  expect(await find(user.address)).toBe(user.address)
  expect(await find(user.address.toLowerCase())).toBe(user.address)
  expect(await find('userId:tenant-7:user-42:evm')).toBe(user.address)
  expect(await find('userId:tenant-7:user-42:evm:smart')).toBe(user.address)
  expect(await find('userId:tenant-7:user-42:evm:alias:spare')).toBe(spare.address)
  expect(await find('userId:tenant-7:user-42:evm:smart:alias:spare')).toBe(spare.address)
  expect(await find('evm:alias:treasury')).toBe(treasury.address)
  expect(await find('evm:smart:alias:treasury')).toBe(treasury.address)
  expect(await find('userId:somebody-else:evm')).toBeUndefined()
})

test('a wallet is created once: by key, by owner, and not again from the same seed', async () => {
  await using world = await testCrossmint(chain.url)
  const owner = somebody()
  const byKey = await world.api.createWallet(owner, {}, 'key')
  expect(byKey.status).toBe(201)
  expect(await world.api.createWallet(owner, {}, 'key')).toMatchObject({ status: 200, body: byKey.body })

  const byOwner = await world.api.createWallet(owner, { owner: 'userId:1' })
  const again = await world.api.createWallet(somebody(), { owner: 'userId:1' })
  expect(again.status).toBe(200)
  expect(again.body.config.adminSigner.address).toBe(owner.address)
  expect(again.body.address).toBe(byOwner.body.address)

  const adminSigner = { type: 'external-wallet', address: owner.address }
  const seeded = () => world.api.createWallet(owner, { config: { adminSigner, creationSeed: '0' } })
  expect((await seeded()).status).toBe(201)
  expect((await seeded()).status).toBe(400)
})

test('a wallet wants exactly one admin signer', async () => {
  await using world = await testCrossmint(chain.url)
  const signer = { type: 'external-wallet', address: somebody().address }
  const create = async (config: object) => world.api.call('POST', base, { chainType: 'evm', config })
  expect((await create({ adminSigner: signer, recoveryMethods: [signer] })).body.code).toBe(
    'RECOVERY_ADMIN_SIGNER_CONFLICT',
  )
  expect((await create({})).body.message).toContain('An admin signer is required')
  expect((await create({ recoveryMethods: [signer] })).status).toBe(201)
  expect((await create({ adminSigner: { type: 'external-wallet', address: '0x12' } })).status).toBe(400)
  expect((await create({ adminSigner: signer, somethingElse: true })).status).toBe(400)
})

test('the faucet pays, and balances tell what is there', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world, 2_500_000n)
  const faucet = await world.api.call('POST', `/v1-alpha2/wallets/${wallet.address}/balances`, {
    amount: 10,
    token: 'usdxm',
    chain: fuji,
  })
  expect(faucet).toMatchObject({
    status: 201,
    body: [{ token: 'usdxm', decimals: 6, balances: { [fuji]: '12500000' } }],
  })

  const { body } = await world.api.call('GET', `${base}/${wallet.address}/balances?tokens=usdc,avax&chains=${fuji}`)
  expect(body).toEqual([
    {
      symbol: 'usdc',
      name: 'USDC',
      decimals: 6,
      amount: '12.5',
      rawAmount: '12500000',
      chains: { [fuji]: { locator: `${fuji}:${usdc}`, amount: '12.5', rawAmount: '12500000', contractAddress: usdc } },
    },
    expect.objectContaining({ symbol: 'avax', decimals: 18, rawAmount: '0' }),
  ])
  const byLocator = await world.api.call('GET', `${base}/${wallet.address}/balances?tokens=${fuji}:${usdc}`)
  expect(byLocator.body[0].rawAmount).toBe('12500000')
  expect((await world.api.call('GET', `${base}/${wallet.address}/balances`)).status).toBe(400)
})

test('what is not JSON, too large, or no path is refused', async () => {
  await using world = await testCrossmint(chain.url)
  const post = (body: string) =>
    fetch(`${world.url}${base}`, { method: 'POST', headers: { 'x-api-key': 'sk_staging_test' }, body })
  expect((await post('{"chainType":')).status).toBe(400)
  expect((await post('x'.repeat(2_000_000))).status).toBe(413)
  expect((await world.api.call('GET', '/2025-06-09/elsewhere')).status).toBe(404)
})
