import { encodeFunctionData, parseAbi, serializeTransaction } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { setBlocked } from '../../sandbox/chain/deploy-contracts.ts'
import type { Chain } from '../../sandbox/chain/start-chain.ts'
import { balanceOf, eventually, fuji, fundedWallet, payee, testChain, testCrossmint, transfer, usdc } from './world.ts'

let chain: Chain
beforeAll(async () => {
  chain = await testChain()
})
afterAll(() => chain.stop())

const somebody = () => privateKeyToAccount(generatePrivateKey())

test('a wallet pays: created, approved, sent, done, and the USDC has moved', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world)
  const to = somebody().address

  const { status, body: created } = await world.api.transact(wallet.address, [transfer(4_000_000n, to)])
  expect(status).toBe(201)
  expect(created).toMatchObject({ status: 'awaiting-approval', walletType: 'smart', approvals: { required: 1 } })
  expect(created.onChain).not.toHaveProperty('txId')
  expect(created.approvals.pending[0].message).toBe(created.onChain.userOperationHash)

  const approved = await world.api.approve(wallet.address, created.id, wallet.owner, created.onChain.userOperationHash)
  expect(approved).toMatchObject({ status: 201, body: { status: 'pending', approvals: { pending: [] } } })

  const done = await wallet.ended(created.id)
  expect(done.onChain.txId).toMatch(/^0x[0-9a-f]{64}$/)
  expect(done.completedAt).toBeTypeOf('string')
  expect(await balanceOf(chain.url, to)).toBe(4_000_000n)
  expect(await balanceOf(chain.url, wallet.address)).toBe(6_000_000n)
})

test('what would revert is refused with the reason, and nothing is created', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world, 1n)

  const { status, body } = await world.api.transact(wallet.address, [transfer(2n)])

  expect(status).toBe(422)
  expect(body.error).toMatchObject({
    reason: 'execution_reverted',
    revert: { type: 'contract_call', reason: 'ERC20: transfer amount exceeds balance' },
  })
  expect(await world.control.transactions()).toEqual([])
})

test('a batch is simulated and executed as one: the second call failing fails both', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world, 10n)
  const to = somebody().address
  expect((await world.api.transact(wallet.address, [transfer(6n, to), transfer(6n, to)])).status).toBe(422)

  const { body } = await world.api.transact(wallet.address, [transfer(6n, to), transfer(4n, to)])
  await world.api.approve(wallet.address, body.id, wallet.owner, body.onChain.userOperationHash)
  await wallet.ended(body.id)
  expect(await balanceOf(chain.url, to)).toBe(10n)
})

test('calls may be given by ABI or as a serialized transaction', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world, 10n)
  const to = somebody().address
  const abi = parseAbi(['function transfer(address to, uint256 value) returns (bool)'])
  const data = encodeFunctionData({ abi, functionName: 'transfer', args: [to, 3n] })
  const { body } = await world.api.transact(wallet.address, [
    { address: usdc, functionName: 'transfer', abi, args: [to, '2'], value: '0' },
    { transaction: serializeTransaction({ type: 'eip1559', chainId: 43_113, to: usdc, data }) },
  ])
  await world.api.approve(wallet.address, body.id, wallet.owner, body.onChain.userOperationHash)
  await wallet.ended(body.id)
  expect(await balanceOf(chain.url, to)).toBe(5n)
})

test('a malformed call, an unknown chain, a strange signer and an unknown wallet are refused', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world, 10n)
  const refusal = async (calls: object[], more?: object, address: string = wallet.address) => {
    const { status, body } = await world.api.transact(address, calls, more)
    expect(body).toEqual({ error: true, message: expect.any(String) })
    return status
  }
  expect(await refusal([])).toBe(400)
  expect(await refusal([{ to: 'nowhere', value: '0', data: '0x' }])).toBe(400)
  expect(await refusal([{ to: usdc, value: '-1', data: '0x' }])).toBe(400)
  expect(await refusal([transfer(1n)], { chain: 'base' })).toBe(400)
  expect(await refusal([transfer(1n)], { signer: `external-wallet:${somebody().address}` })).toBe(400)
  expect(await refusal([transfer(1n)], {}, somebody().address)).toBe(404)
  expect(await world.control.transactions()).toEqual([])
})

test('a signature by another key, or over another message, is refused and can be repaired', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world)
  const { body } = await world.api.transact(wallet.address, [transfer(1n)])
  const { id } = body
  const hash = body.onChain.userOperationHash
  const approvals = async (signer: string, by = wallet.owner, message = { raw: hash }) =>
    world.api.call('POST', `/2025-06-09/wallets/${wallet.address}/transactions/${id}/approvals`, {
      approvals: [{ signer, signature: await by.signMessage({ message }) }],
    })
  const own = `external-wallet:${wallet.owner.address}`
  const stranger = somebody()

  expect((await approvals(own, stranger)).status).toBe(400)
  expect((await approvals(own, wallet.owner, hash)).status).toBe(400) // as text, not as bytes
  expect((await approvals(`external-wallet:${stranger.address}`, stranger)).status).toBe(400)
  expect((await world.api.get(wallet.address, id)).body.status).toBe('awaiting-approval')

  expect((await approvals(own)).status).toBe(201)
  await wallet.ended(id)
})

test('where a wrong signature is not looked at, the account refuses it: failed, with AA24', async () => {
  await using world = await testCrossmint(chain.url, { behaviour: { wrongSignature: 'fail' } })
  const wallet = await fundedWallet(world)
  const { body } = await world.api.transact(wallet.address, [transfer(1n)])
  const approvals = [
    {
      signer: `external-wallet:${wallet.owner.address}`,
      signature: await somebody().signMessage({ message: { raw: body.onChain.userOperationHash } }),
    },
  ]
  const path = `/2025-06-09/wallets/${wallet.address}/transactions/${body.id}/approvals`
  expect((await world.api.call('POST', path, { approvals })).status).toBe(201)
  const failed = await wallet.ended(body.id, 'failed')
  expect(failed.error).toMatchObject({
    reason: 'execution_reverted',
    revert: { type: 'wallet_authorization', reason: 'Invalid signature', reasonData: 'AA24' },
  })
  expect(failed.onChain).not.toHaveProperty('txId')
})

test('an empty approval is refused, and a second one is answered 422 or 409', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world)
  const { body } = await world.api.transact(wallet.address, [transfer(1n)])
  const again = () => world.api.approve(wallet.address, body.id, wallet.owner, body.onChain.userOperationHash)
  const path = `/2025-06-09/wallets/${wallet.address}/transactions/${body.id}/approvals`
  const empty = await world.api.call('POST', path, { approvals: [] })
  expect(empty).toMatchObject({ status: 400, body: { message: expect.stringContaining('approvals: Too small') } })

  expect((await again()).status).toBe(201)
  expect(await again()).toMatchObject({ status: 422, body: { message: expect.stringContaining('Already has the') } })
  await world.control.configure({ behaviour: { repeatedApproval: 409 } })
  expect((await again()).status).toBe(409)

  await wallet.ended(body.id)
  expect((await world.control.journal({ type: 'relayer' })).filter(({ event }) => event === 'sent')).toHaveLength(1)
})

test('the same idempotency key gives the same transaction, also to those who come at once', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world)
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => world.api.transact(wallet.address, [transfer(1n)], {}, 'key-1')),
  )
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))

  const { body } = await world.api.transact(wallet.address, [transfer(1n)], {}, 'key-2')
  expect(body.id).not.toBe(answers[0]!.body.id)
  const elsewhere = await fundedWallet(world)
  const byName = await world.api.createWallet(somebody(), { owner: 'userId:named' })
  const named = [byName.body.address, 'userId:named:evm'].map((locator) =>
    world.api.transact(locator, [{ to: payee, value: '0', data: '0x' }], {}, 'key-1'),
  )
  expect(new Set((await Promise.all(named)).map(({ body }) => body.id)).size).toBe(1)
  const other = await world.api.transact(elsewhere.address, [transfer(1n)], {}, 'key-1')
  expect(other.body.id).not.toBe(answers[0]!.body.id)
})

test('a key that comes with another body gives the first transaction, or 400', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world)
  const first = await world.api.transact(wallet.address, [transfer(1n)], {}, 'key')
  const second = await world.api.transact(wallet.address, [transfer(2n)], {}, 'key')
  expect(second.body).toEqual(first.body)
  await world.control.configure({ behaviour: { idempotencyMismatch: 'reject' } })
  expect((await world.api.transact(wallet.address, [transfer(2n)], {}, 'key')).status).toBe(400)
  expect(await world.control.transactions()).toHaveLength(1)
})

test('a refusal is forgotten, or kept under its key', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world, 1n)
  const attempt = (key: string) => world.api.transact(wallet.address, [transfer(5n)], {}, key)
  const fund = () => world.control.fund({ address: wallet.address, amount: 10n })
  expect((await attempt('forgotten')).status).toBe(422)
  await world.control.configure({ behaviour: { cacheRefusals: true } })
  expect((await attempt('kept')).status).toBe(422)
  await fund()
  expect((await attempt('kept')).status).toBe(422)
  expect((await attempt('forgotten')).status).toBe(201)
})

test('operations of one wallet go out in the order of their nonces, whatever the order of approvals', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world, 10n)
  const create = async () => (await world.api.transact(wallet.address, [transfer(1n)])).body
  const [first, second] = [await create(), await create()]
  expect([first, second].map((each) => Number(each.onChain.userOperation.nonce))).toEqual([0, 1])

  await world.api.approve(wallet.address, second.id, wallet.owner, second.onChain.userOperationHash)
  expect((await world.api.get(wallet.address, second.id)).body.status).toBe('pending')
  expect(await world.control.journal({ type: 'relayer' })).toEqual([])

  await world.api.approve(wallet.address, first.id, wallet.owner, first.onChain.userOperationHash)
  await wallet.ended(first.id)
  await wallet.ended(second.id)
})

test('with a lane each, an operation nobody approves holds no other back', async () => {
  await using world = await testCrossmint(chain.url, { behaviour: { nonces: 'lanes' } })
  const wallet = await fundedWallet(world, 10n)
  const forgotten = (await world.api.transact(wallet.address, [transfer(1n)])).body
  const ids = await Promise.all([wallet.pay(1n), wallet.pay(1n), wallet.pay(1n)])
  for (const id of ids) await wallet.ended(id)
  expect((await world.api.get(wallet.address, forgotten.id)).body.status).toBe('awaiting-approval')
})

test('forty wallets pay at once, several in one chain transaction, each exactly once', async () => {
  await using world = await testCrossmint(chain.url)
  const to = somebody().address
  const wallets = await Promise.all(Array.from({ length: 40 }, () => fundedWallet(world, 100n)))
  const ids = await Promise.all(wallets.map((wallet) => wallet.pay(7n, to)))
  await Promise.all(wallets.map((wallet, index) => wallet.ended(ids[index]!)))
  expect(await balanceOf(chain.url, to)).toBe(280n)
  const sent = (await world.control.journal({ type: 'relayer' })).filter(({ event }) => event === 'sent')
  expect(sent.flatMap(({ details }) => details.transactions as string[]).sort()).toEqual([...ids].sort())
  expect(sent.length).toBeLessThan(40)
})

test('success waits for as many blocks as it is told', async () => {
  await using world = await testCrossmint(chain.url, {
    relayer: { confirmations: 3, broadcastDelay: 0, pollInterval: 20 },
  })
  const wallet = await fundedWallet(world)
  const id = await wallet.pay(1n)
  const txId = await eventually(async () => (await world.api.get(wallet.address, id)).body.onChain.txId)
  expect(txId).toMatch(/^0x/)
  expect((await world.api.get(wallet.address, id)).body.status).toBe('pending')
  for (const amount of [1n, 1n]) await world.control.fund({ address: payee, amount }) // a block each
  await wallet.ended(id)
})

test('a wallet whose state changes after the simulation fails on the chain, with the reason', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world)
  const { body } = await world.api.transact(wallet.address, [transfer(1n)])
  await setBlocked(chain.url, wallet.address, true)
  await world.api.approve(wallet.address, body.id, wallet.owner, body.onChain.userOperationHash)
  const failed = await wallet.ended(body.id, 'failed')
  expect(failed.onChain.txId).toMatch(/^0x/)
  expect(failed.error.revert).toMatchObject({
    type: 'contract_call',
    reason: 'Blacklistable: account is blacklisted',
  })
})

test('a token transfer is a transaction that says what it sends', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world)
  const to = await fundedWallet(world, 0n)
  const path = `/2025-06-09/wallets/${wallet.address}/tokens/${fuji}:usdc/transfers`
  const { status, body } = await world.api.call('POST', path, { recipient: to.address, amount: '1.25' }, 'transfer-1')
  expect(status).toBe(201)
  expect(body.sendParams).toEqual({
    token: `${fuji}:usdc`,
    params: { amount: '1.25', recipient: to.address, recipientAddress: to.address },
  })
  await world.api.approve(wallet.address, body.id, wallet.owner, body.onChain.userOperationHash)
  await wallet.ended(body.id)
  expect(await balanceOf(chain.url, to.address)).toBe(1_250_000n)
  expect((await world.api.call('GET', `${path}/${body.id}`)).body.status).toBe('success')
  expect((await world.api.call('POST', path, { recipient: 'userId:nobody:evm', amount: '1' })).status).toBe(404)
})

test('transactions are listed newest first, in pages, by date', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world)
  const ids: string[] = []
  for (let index = 0; index < 3; index++)
    ids.unshift((await world.api.transact(wallet.address, [transfer(1n)])).body.id)
  const list = async (query: string) => {
    const { body } = await world.api.call('GET', `/2025-06-09/wallets/${wallet.address}/transactions${query}`)
    return body.transactions.map(({ id }: { id: string }) => id)
  }
  expect(await list('')).toEqual(ids)
  expect(await list('?page=2&perPage=2')).toEqual(ids.slice(2))
  expect(await list(`?dateFrom=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([])
})

test('a wallet in the hands of Crossmint itself approves without anybody', async () => {
  await using world = await testCrossmint(chain.url)
  const { body: wallet } = await world.api.call('POST', '/2025-06-09/wallets', {
    chainType: 'evm',
    config: { adminSigner: { type: 'api-key' } },
  })
  await world.control.fund({ address: wallet.address, amount: 5n })
  const { body } = await world.api.transact(wallet.address, [transfer(5n)])
  expect(body).toMatchObject({ status: 'pending', approvals: { pending: [] } })
  await eventually(async () => (await world.api.get(wallet.address, body.id)).body.status === 'success')
})
