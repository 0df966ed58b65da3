import { randomUUID } from 'node:crypto'
import { numberToHex } from 'viem'
import { generatePrivateKey } from 'viem/accounts'
import { expect, test } from 'vitest'
import { mintUsdc } from '../../../sandbox/chain/deploy-contracts.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import { startRpcProxy } from '../../../sandbox/rpc-proxy/start-rpc-proxy.ts'
import { keyFromPrivateKey } from '../../../server/gateways/local-signer/signing-key.ts'
import { environmentOf, instance, nowhere } from '../../http/support/instance.ts'
import { withAdmin } from '../../http/support/rows.ts'
import { run } from '../../http/support/run.ts'
import { eventually } from '../../support/eventually.ts'
import { testWorld, USDC, type World } from '../../support/world.ts'

/** Accepted payments that wait, with our own key as the wallet that pays. */
async function acceptedFromKey(world: World, address: string, count: number) {
  const wallet = await world.wallet(100n * USDC)
  const payments = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const paywall = await world.paywall({ price: USDC + BigInt(index) })
      const input = { paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() }
      return world.client.payments.create.mutate(input)
    }),
  )
  await withAdmin(world.database.adminUrl, async (admin) => {
    await admin.query(`update transaction set provider = 'local', sender = $1 where wallet_id = $2`, [
      address,
      wallet.id,
    ])
    await admin.query('update payment set payer = $1 where wallet_id = $2', [address, wallet.id])
  })
  return payments
}

test('dispatcher and tracker bring what a key of ours signs to its chain, many of a wallet at once, and settle each once', async () => {
  await using world = await testWorld({ workers: false })
  await using proxy = await startRpcProxy(world.chain.url)
  const privateKey = generatePrivateKey()
  const { address } = keyFromPrivateKey(privateKey)
  await rpc(world.chain.url, 'anvil_setBalance', [address, numberToHex(10n ** 20n)])
  await mintUsdc(world.chain.url, { to: address, amount: 100n * USDC })
  const payments = await acceptedFromKey(world, address, 6)
  let lost = 2
  proxy.settings.plan = ({ method }) => (method === 'eth_sendRawTransaction' && lost-- > 0 ? 'dropped' : null)

  const chains = [{ chainId: world.chain.chainId, rpcUrl: proxy.url, finality: 4, localSigner: {} }]
  await using service = await instance(world, {
    CHAINS: JSON.stringify(chains),
    LOCAL_SIGNER_KEYS: `agent:${privateKey}`,
    LOOK_FIRST_MS: '100',
    LOOK_LONGEST_MS: '500',
    BLOCK_INTERVAL_MS: '100',
  })
  await rpc(world.chain.url, 'evm_setAutomine', [false])
  service.built.startWorkers()

  const { db } = world.database
  const states = async () => {
    const rows = await db.selectFrom('transaction').select(['state', 'reference', 'id']).execute()
    return rows.map(({ state, reference, id }) => (reference === id ? state : `${state} without its reference`))
  }
  // the chain makes no block, and yet none waits for another
  await eventually(async () => expect(await states()).toEqual(Array(6).fill('submitted')))
  await rpc(world.chain.url, 'evm_setIntervalMining', [1])
  await Promise.all(payments.map(({ id }) => world.until(id, 'settled')))

  for (const [index] of payments.entries()) expect(await world.transfers(address, USDC + BigInt(index))).toBe(1)
  expect(Number(await rpc<string>(world.chain.url, 'eth_getTransactionCount', [address, 'latest']))).toBe(6)
  const { checks } = (await (await fetch(`${service.url}/health/ready`)).json()) as { checks: { name: string }[] }
  expect(checks).toContainEqual({ name: `lane eip155:43113 ${address}`, ready: true })
  expect(service.lines.map(({ text }) => text).join('\n')).not.toContain(privateKey.slice(2))
})

test('an operator sees the lanes, and lets a halted one go on', async () => {
  await using world = await testWorld({ workers: false })
  const privateKey = generatePrivateKey()
  const { address } = keyFromPrivateKey(privateKey)
  const { chainId, url } = world.chain
  const environment = {
    ...environmentOf(world, nowhere),
    CHAINS: JSON.stringify([{ chainId, rpcUrl: url, localSigner: {} }]),
    LOCAL_SIGNER_KEYS: `agent:${privateKey}`,
  }
  const provider = (...args: string[]) => run('server/cli.ts', args, environment)
  const { db } = world.database
  await db
    .insertInto('signer_lane')
    .values({ chain_id: BigInt(chainId), address, next_nonce: 0n, created_at: new Date() })
    .execute()
  await rpc(url, 'anvil_setNonce', [address, '0x5'])
  await db.updateTable('signer_lane').set({ halted_because: 'nonce_used_elsewhere', halted_at: new Date() }).execute()

  const listed = await provider('lanes', 'list')
  expect(listed).toMatchObject({ code: 1, stdout: expect.stringMatching(/eip155:43113 {2}0x.*nonce_used_elsewhere/) })
  expect(await provider('lanes', 'resume', '--chain', '43113', '--address', address)).toMatchObject({ code: 2 })
  const resumed = await provider('lanes', 'resume', '--chain', `eip155:${chainId}`, '--address', address)
  expect(resumed).toMatchObject({ code: 0, stdout: 'the lane goes on\n' })
  expect(await provider('lanes', 'list')).toMatchObject({
    code: 0,
    stdout: `eip155:43113  ${address}  next nonce 5, 0 on their way\n`,
  })
})

test('what an instance without the key should sign waits for one that has it', async () => {
  await using world = await testWorld({ workers: false })
  const privateKey = generatePrivateKey()
  const { address } = keyFromPrivateKey(privateKey)
  const [payment] = await acceptedFromKey(world, address, 1)
  world.built.startWorkers()
  await eventually(async () => {
    const row = await world.database.db.selectFrom('transaction').select('failure_reason').executeTakeFirstOrThrow()
    expect(row.failure_reason).toBe('unknown_wallet')
  })
  expect((await world.client.payments.get.query({ paymentId: payment!.id })).state).toBe('submitted')
  expect(await world.transfers(address, USDC)).toBe(0)
})
