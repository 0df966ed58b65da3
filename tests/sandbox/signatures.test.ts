import { type Address, createPublicClient, type Hex, hashTypedData, http } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { avalancheFuji } from 'viem/chains'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Chain } from '../../sandbox/chain/start-chain.ts'
import { balanceOf, eventually, fuji, fundedWallet, testChain, testCrossmint, transfer, usdc } from './world.ts'

let chain: Chain
beforeAll(async () => {
  chain = await testChain()
})
afterAll(() => chain.stop())

const base = '/2025-06-09/wallets'
const client = () => createPublicClient({ chain: avalancheFuji, transport: http(chain.url) })
const somebody = () => privateKeyToAccount(generatePrivateKey())
type World = Awaited<ReturnType<typeof testCrossmint>>
type Wallet = Awaited<ReturnType<typeof fundedWallet>>

async function sign(world: World, wallet: Wallet, body: object): Promise<Hex> {
  const path = `${base}/${wallet.address}/signatures`
  const created = await world.api.call('POST', path, body)
  expect(created).toMatchObject({ status: 201, body: { status: 'awaiting-approval' } })
  const [pending] = created.body.approvals.pending
  const approved = await world.api.call('POST', `${path}/${created.body.id}/approvals`, {
    approvals: [
      {
        signer: pending.signer.locator,
        signature: await wallet.owner.signMessage({ message: { raw: pending.message } }),
      },
    ],
  })
  expect(approved).toMatchObject({ status: 201, body: { status: 'success' } })
  expect((await world.api.call('GET', `${path}/${created.body.id}`)).body).toEqual(approved.body)
  return approved.body.outputSignature
}

test('a message is signed by the wallet: good before it is deployed (ERC-6492) and after (ERC-1271), for it alone', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world)
  const check = (signature: Hex, address: Address = wallet.address) =>
    client().verifyMessage({ address, message: 'hello', signature })
  const body = { type: 'message', params: { message: 'hello', chain: fuji } }

  const before = await sign(world, wallet, body)
  expect(before.endsWith('6492'.repeat(16))).toBe(true)
  expect(await check(before)).toBe(true)

  await wallet.ended(await wallet.pay(1n))
  const after = await sign(world, wallet, body)
  expect(after).toHaveLength(132)
  expect(await check(after)).toBe(true)
  expect(await check(after, wallet.owner.address)).toBe(false)
})

test('typed data is signed by the wallet', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world)
  const typedData = {
    domain: { name: 'USD Coin', version: '2', chainId: 43_113, verifyingContract: usdc },
    types: {
      CancelAuthorization: [
        { name: 'authorizer', type: 'address' },
        { name: 'nonce', type: 'bytes32' },
      ],
    },
    primaryType: 'CancelAuthorization' as const,
    message: { authorizer: wallet.address, nonce: `0x${'07'.repeat(32)}` as Hex },
  }
  const signature = await sign(world, wallet, {
    type: 'typed-data',
    params: { typedData, chain: fuji, isSmartWalletSignature: true },
  })
  const hash = hashTypedData({ ...typedData, message: typedData.message })
  expect(await client().verifyHash({ address: wallet.address, hash, signature })).toBe(true)
})

test('the same key gives the same signature request; a wrong approval is refused', async () => {
  await using world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world, 0n)
  const path = `${base}/${wallet.address}/signatures`
  const body = { type: 'message', params: { message: 'hello', chain: fuji } }
  const [one, two] = [await world.api.call('POST', path, body, 'key'), await world.api.call('POST', path, body, 'key')]
  expect(two.body.id).toBe(one.body.id)
  const wrong = await somebody().signMessage({ message: { raw: one.body.approvals.pending[0].message } })
  const approvals = [{ signer: `external-wallet:${wallet.owner.address}`, signature: wrong }]
  expect((await world.api.call('POST', `${path}/${one.body.id}/approvals`, { approvals })).status).toBe(400)
  expect((await world.api.call('GET', path)).body.signatures).toHaveLength(1)
})

test.each([true, false])(
  'a delegated signer is added (at once: %s), pays, is removed, and pays no more',
  async (deployImmediately) => {
    await using world = await testCrossmint(chain.url)
    const wallet = await fundedWallet(world)
    const helper = somebody()
    const signer = `external-wallet:${helper.address}`
    const signers = `${base}/${wallet.address}/signers`

    const added = await world.api.call('POST', signers, { signer, chain: fuji, deployImmediately })
    expect(added).toMatchObject({
      status: 201,
      body: { locator: signer, chains: { [fuji]: { status: 'awaiting-approval' } } },
    })
    const { id, approvals } = added.body.chains[fuji]
    const [pending] = approvals.pending
    const approve = {
      signer: pending.signer.locator,
      signature: await wallet.owner.signMessage({ message: { raw: pending.message } }),
    }
    const noun = deployImmediately ? 'transactions' : 'signatures'
    await world.api.call('POST', `${base}/${wallet.address}/${noun}/${id}/approvals`, { approvals: [approve] })
    await eventually(
      async () => (await world.api.call('GET', `${signers}/${signer}`)).body.chains[fuji].status === 'success',
    )

    const to = somebody().address
    const { body } = await world.api.transact(wallet.address, [transfer(3n, to)], { signer })
    await world.api.approve(wallet.address, body.id, helper, body.onChain.userOperationHash)
    await wallet.ended(body.id)
    expect(await balanceOf(chain.url, to)).toBe(3n)

    const removal = await world.api.call('DELETE', `${signers}/${signer}?chain=${fuji}`)
    await world.api.approve(wallet.address, removal.body.id, wallet.owner, removal.body.onChain.userOperationHash)
    await wallet.ended(removal.body.id)
    expect((await world.api.transact(wallet.address, [transfer(3n, to)], { signer })).status).toBe(400)
    expect((await world.api.call('GET', `${signers}/${signer}`)).status).toBe(404)
  },
)

test('a signer given at creation may sign from the first transaction on', async () => {
  await using world = await testCrossmint(chain.url)
  const [owner, helper, to] = [somebody(), somebody(), somebody().address]
  const signer = `external-wallet:${helper.address}`
  const { body: wallet } = await world.api.createWallet(owner, {
    config: { adminSigner: { type: 'external-wallet', address: owner.address }, delegatedSigners: [{ signer }] },
  })
  expect(wallet.config.delegatedSigners).toEqual([
    { type: 'external-wallet', address: helper.address, locator: signer },
  ])
  await world.control.fund({ address: wallet.address, amount: 5n })
  const { body } = await world.api.transact(wallet.address, [transfer(5n, to)], { signer })
  await world.api.approve(wallet.address, body.id, helper, body.onChain.userOperationHash)
  await eventually(async () => (await world.api.get(wallet.address, body.id)).body.status === 'success')
  expect(await balanceOf(chain.url, to)).toBe(5n)
})
