import { type Hex, numberToHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import type { RpcFault } from '../../../sandbox/rpc-proxy/faults.ts'
import { keyFromPrivateKey } from '../../../server/gateways/local-signer/signing-key.ts'
import type { ProviderError, ProviderTransaction } from '../../../server/gateways/wallet-provider.ts'
import { eventually } from '../../support/eventually.ts'
import { chainId, type SignerWorld, signerWorld } from './support/signer-world.ts'

let world: SignerWorld
beforeEach(async () => {
  world = await signerWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

type Signer = ReturnType<SignerWorld['signer']>

/** Tends the lane until the send has come to its end. */
const ended = (signer: Signer, id: string, within?: number): Promise<ProviderTransaction> =>
  eventually(async () => {
    await signer.lane1.tend()
    const view = await signer.get(world.address, id)
    if (view.state === 'pending') throw new Error('It is still on its way')
    return view
  }, within)

/** Sends befall this fault, and nothing else does. */
const onSends = (fault: RpcFault, times = Number.POSITIVE_INFINITY) => {
  world.proxy.settings.plan = ({ method }) => (method === 'eth_sendRawTransaction' && times-- > 0 ? fault : null)
}
const calm = () => {
  world.proxy.settings.plan = () => null
}

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => Promise.reject(new Error('It was not refused')),
    ({ outcome, reason }: ProviderError) => `${outcome}: ${reason}`,
  )

const mempool = async () => Number((await rpc<{ pending: Hex }>(world.chain.url, 'txpool_status')).pending)

test('forty at once: every nonce used once, in order, each transfer made once', async () => {
  const signer = world.signer()
  const transfers = Array.from({ length: 40 }, () => world.transfer())
  const views = await Promise.all(transfers.map((transfer) => signer.submit(transfer)))
  expect(new Set(views.map(({ state }) => state))).toEqual(new Set(['pending']))
  await signer.rest()
  await world.mine()
  await signer.lane1.tend()

  const stored = await Promise.all(transfers.map(({ idempotencyKey }) => world.stored(idempotencyKey)))
  expect(stored.map(({ nonce }) => Number(nonce))).toEqual(transfers.map((_, index) => index))
  expect(await world.count()).toBe(40n)
  for (const [index, { to, amount, idempotencyKey }] of transfers.entries()) {
    expect(await world.balance(to)).toBe(amount)
    const view = await signer.get(world.address, idempotencyKey)
    expect(view).toMatchObject({ state: 'success', transactionHash: stored[index]!.hashes[0], failure: null })
  }
  // a request or two for each question, however many sends
  expect(world.events).toEqual([expect.objectContaining({ type: 'settled' })])
})

test('the same key gets one nonce, however often and by however many it is submitted; another body is refused', async () => {
  const [one, other] = [world.signer(), world.signer()]
  const transfer = world.transfer()
  await Promise.all([one.submit(transfer), one.submit(transfer), other.submit(transfer), other.submit(transfer)])
  expect(await refusal(one.submit({ ...transfer, calls: world.transfer().calls }))).toBe(
    'refused: idempotency_mismatch',
  )
  await Promise.all([one.rest(), other.rest()])
  await world.mine()
  expect(await ended(other, transfer.idempotencyKey)).toMatchObject({ state: 'success' })
  expect(await one.submit(transfer)).toMatchObject({ state: 'success' })
  expect(await one.find(transfer, new Date())).toMatchObject({ state: 'success' })
  expect(await one.find(world.transfer(), new Date())).toBeNull()
  expect(await world.count()).toBe(1n)
})

test('what cannot be done never gets a nonce, and each refusal says why', async () => {
  const signer = world.signer()
  const reverting = '0x000000000000000000000000000000000000dead'
  await rpc(world.chain.url, 'anvil_setCode', [reverting, '0x60006000fd'])
  const to = (address: Hex) => ({ ...world.transfer(), calls: [{ to: address, value: 0n, data: '0x' as Hex }] })
  const { calls } = world.transfer()
  const unwilling = [
    signer.submit(to(reverting)),
    signer.submit({ ...world.transfer(), calls: [...calls, ...calls] }),
    signer.submit({ ...world.transfer(), calls: [] }),
    signer.submit({ ...world.transfer(), chainId: 1 }),
    signer.submit({ ...world.transfer(), wallet: reverting }),
    signer.submit(world.transfer(10n ** 30n)),
    signer.submit(world.transfer(), -1),
    world.signer({ rpcUrl: 'http://127.0.0.1:9' }).submit(world.transfer()),
    signer.createWallet({ owner: 'nobody', idempotencyKey: 'x' }),
    world.signer({ settings: { gas: { policy: 'eip1559', cap: 1n, tip: 1n } } }).submit(world.transfer()),
  ]
  expect(await Promise.all(unwilling.map(refusal))).toEqual([
    'refused: execution_reverted',
    'refused: one_call_only',
    'refused: one_call_only',
    'unavailable: chain_not_supported',
    'unavailable: unknown_wallet',
    'unavailable: insufficient_funds',
    'unavailable: out_of_time',
    'unavailable: chain_unavailable',
    'refused: unknown_key',
    'unavailable: fee_above_cap',
  ])
  expect(await signer.createWallet({ owner: 'agent', idempotencyKey: 'x' })).toEqual({
    address: world.address,
    owner: 'agent',
  })
  const transfer = world.transfer()
  await signer.submit(transfer)
  expect((await world.stored(transfer.idempotencyKey)).nonce).toBe(0n)
})

test('a key that is not on the list of the chain gets no nonce; the list is asked, since no simulation tells', async () => {
  // answers readAllowList with its first storage slot
  await rpc(world.chain.url, 'anvil_setCode', [
    '0x0200000000000000000000000000000000000002',
    '0x60005460005260206000f3',
  ])
  const role = (value: bigint) =>
    rpc(world.chain.url, 'anvil_setStorageAt', [
      '0x0200000000000000000000000000000000000002',
      numberToHex(0, { size: 32 }),
      numberToHex(value, { size: 32 }),
    ])
  const signer = world.signer({ txAllowList: true })
  expect(await refusal(signer.submit(world.transfer()))).toBe('refused: sender_not_allow_listed')
  await role(1n)
  const transfer = world.transfer()
  await signer.submit(transfer)
  expect((await world.stored(transfer.idempotencyKey)).nonce).toBe(0n)
})

test.each<RpcFault>([
  'cut',
  'lost',
  'hang',
  'limited',
  'bad-gateway',
  'unfinalized',
  'dropped',
  'already-known',
  'twice',
])(
  'whoever takes over from one that died while the node answered with "%s" hands over the same bytes',
  async (fault) => {
    const first = world.signer()
    onSends(fault)
    const transfers = [world.transfer(), world.transfer(), world.transfer()]
    await Promise.all(transfers.map((transfer) => first.submit(transfer)))
    const before = await Promise.all(transfers.map(({ idempotencyKey }) => world.stored(idempotencyKey)))
    if (fault !== 'hang') await first.rest()
    calm()

    const second = world.signer()
    for (const { idempotencyKey } of transfers)
      await eventually(async () => {
        await world.mine()
        await second.lane1.tend()
        expect(await second.get(world.address, idempotencyKey)).toMatchObject({ state: 'success' })
      })
    const after = await Promise.all(transfers.map(({ idempotencyKey }) => world.stored(idempotencyKey)))
    expect(after.map(({ nonce, hashes }) => ({ nonce, hashes }))).toEqual(
      before.map(({ nonce, hashes }) => ({ nonce, hashes })),
    )
    for (const { to, amount } of transfers) expect(await world.balance(to)).toBe(amount)
    expect(await world.count()).toBe(3n)
  },
)

test('a node that says that a nonce is too low, too high, or underpriced is not believed: the chain is', async () => {
  const signer = world.signer()
  for (const fault of ['nonce-too-low', 'nonce-too-high', 'underpriced'] as const) {
    onSends(fault, 1)
    const transfer = world.transfer()
    await signer.submit(transfer)
    await signer.rest()
    await eventually(async () => {
      await world.mine()
      await signer.lane1.tend()
      expect(await world.balance(transfer.to)).toBe(transfer.amount)
    })
  }
  expect(await world.count()).toBe(3n)
  expect(world.events.filter(({ type }) => type === 'halted' || type === 'withdrawn')).toEqual([])
})

test('one that no node will ever take leaves no gap: its nonce is used up without effect, and those behind it land', async () => {
  const signer = world.signer()
  onSends('too-little-gas', 1)
  const [refused, behind] = [world.transfer(), world.transfer()]
  await signer.submit(refused)
  await signer.rest()
  await signer.submit(behind)
  await signer.rest()
  await eventually(async () => {
    await signer.lane1.tend()
    expect(await mempool()).toBe(2)
  })
  await world.mine()

  expect(await ended(signer, refused.idempotencyKey)).toMatchObject({
    state: 'failed',
    transactionHash: null,
    failure: { reason: 'refused_by_node', message: expect.stringContaining('intrinsic gas too low') },
  })
  expect(await ended(signer, behind.idempotencyKey)).toMatchObject({ state: 'success' })
  expect(await world.balance(refused.to)).toBe(0n)
  expect(await world.balance(behind.to)).toBe(behind.amount)
  expect(await world.count()).toBe(2n)
})

test('one that is stuck is paid more for, by a tenth at least, with the same nonce and effect, and never above the cap', async () => {
  const cap = 6n * 10n ** 9n
  const signer = world.signer({ settings: { replaceAfterMs: 1, gas: { policy: 'eip1559', cap, tip: 10n } } })
  const transfer = world.transfer()
  await signer.submit(transfer)
  await signer.rest()
  const rising = (fee: bigint) => rpc(world.chain.url, 'anvil_setNextBlockBaseFeePerGas', [numberToHex(fee)])
  const fees = async () => {
    const rows = await world.database.db
      .selectFrom('signer_attempt')
      .select(['fee_cap', 'tip'])
      .where('send_id', '=', transfer.idempotencyKey)
      .orderBy('number')
      .execute()
    return rows.map(({ fee_cap, tip }) => ({ feeCap: BigInt(fee_cap), tip: BigInt(tip) }))
  }
  const offered = (await fees())[0]!.feeCap

  await eventually(async () => {
    await rising(offered + 1n)
    await world.mine()
    await signer.lane1.tend()
    expect((await fees()).length).toBeGreaterThan(1)
  })
  expect(await world.balance(transfer.to)).toBe(0n)
  for (const [index, { feeCap, tip }] of (await fees()).slice(1).entries()) {
    const before = (await fees())[index]!
    expect(feeCap * 10n >= before.feeCap * 11n && tip * 10n >= before.tip * 11n && feeCap <= cap).toBe(true)
  }
  await eventually(async () => {
    await rising(cap + 1n)
    await world.mine()
    await signer.lane1.tend()
    expect(world.events.some(({ type }) => type === 'at its cap')).toBe(true)
  })
  expect((await fees()).every(({ feeCap }) => feeCap <= cap)).toBe(true)

  await rising(1n)
  const view = await eventually(async () => {
    await world.mine()
    return ended(signer, transfer.idempotencyKey, 0)
  })
  const { hashes, nonce } = await world.stored(transfer.idempotencyKey)
  expect(view).toMatchObject({ state: 'success', transactionHash: hashes.at(-1) })
  expect([nonce, await world.count(), await world.balance(transfer.to)]).toEqual([0n, 1n, transfer.amount])
})

test('a transaction of the key that is not ours stops the lane, which goes on when a person says so', async () => {
  const signer = world.signer()
  const ours = world.transfer()
  onSends('cut')
  await signer.submit(ours)
  await signer.rest()
  const stranger = world.transfer()
  const raw = await privateKeyToAccount(world.privateKey).signTransaction({
    ...{ chainId, nonce: 0, to: stranger.to, value: 1n, gas: 21_000n, type: 'eip1559' },
    ...{ maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 1n },
  })
  await rpc(world.chain.url, 'eth_sendRawTransaction', [raw])
  await world.mine()
  calm()

  await eventually(async () => {
    await signer.lane1.tend()
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'halted', because: 'nonce_used_elsewhere' }))
  })
  const later = world.transfer()
  expect(await refusal(signer.submit(later))).toBe('unavailable: lane_halted')
  expect(await signer.get(world.address, ours.idempotencyKey)).toMatchObject({ state: 'pending' })

  expect(await signer.lane1.resume()).toEqual([ours.idempotencyKey])
  expect(await signer.get(world.address, ours.idempotencyKey)).toMatchObject({
    state: 'failed',
    failure: { reason: 'nonce_used_elsewhere' },
  })
  await signer.submit(later)
  await signer.rest()
  await world.mine()
  expect(await ended(signer, later.idempotencyKey)).toMatchObject({ state: 'success' })
  expect([await world.balance(ours.to), await world.balance(later.to)]).toEqual([0n, later.amount])
})

test('a chain that is ahead of the lane stops it at once', async () => {
  const signer = world.signer()
  const transfer = world.transfer()
  await signer.submit(transfer)
  await signer.rest()
  await world.mine()
  await rpc(world.chain.url, 'anvil_setNonce', [world.address, '0x7'])
  await signer.lane1.tend()
  expect(world.events).toContainEqual(expect.objectContaining({ type: 'halted', because: 'nonce_used_elsewhere' }))
  expect(await signer.get(world.address, transfer.idempotencyKey)).toMatchObject({ state: 'success' })
  await signer.lane1.resume()
  const next = world.transfer()
  await signer.submit(next)
  expect((await world.stored(next.idempotencyKey)).nonce).toBe(7n)
})

test('no more than so many are on their way', async () => {
  const signer = world.signer({ settings: { inFlight: 3 } })
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => signer.submit(world.transfer())))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as ProviderError] : []))
  expect(refused).toMatchObject([
    { outcome: 'unavailable', reason: 'lane_full', retryAfter: 500 },
    { outcome: 'unavailable', reason: 'lane_full', retryAfter: 500 },
  ])
  await signer.rest()
  await world.mine()
  await signer.lane1.tend()
  await signer.submit(world.transfer())
})

test('several on one lane at the same time: every nonce used once, none missing', async () => {
  const signers = [world.signer(), world.signer(), world.signer()]
  const transfers = Array.from({ length: 60 }, () => world.transfer())
  await Promise.all(
    transfers.map(
      (transfer, index) => eventually(() => signers[index % signers.length]!.submit(transfer)), // busy lanes are tried again
    ),
  )
  await Promise.all(signers.map((signer) => signer.rest()))
  await world.mine()
  await Promise.all(signers.map((signer) => signer.lane1.tend()))
  const stored = await Promise.all(transfers.map(({ idempotencyKey }) => world.stored(idempotencyKey)))
  expect(stored.map(({ nonce }) => Number(nonce)).sort((a, b) => a - b)).toEqual(transfers.map((_, index) => index))
  expect(stored.every(({ state, hashes }) => state === 'mined' && hashes.length === 1)).toBe(true)
  for (const { to, amount } of transfers) expect(await world.balance(to)).toBe(amount)
})

test('what a chain had and forgets is sent again with the same bytes; a node that is merely behind changes nothing', async () => {
  const signer = world.signer()
  const transfer = world.transfer()
  await signer.submit(transfer)
  await signer.rest()
  await world.mine()
  await ended(signer, transfer.idempotencyKey)
  const { hashes } = await world.stored(transfer.idempotencyKey)

  world.proxy.settings.lag = 1
  const waiting = world.transfer()
  await signer.submit(waiting)
  await signer.lane1.tend()
  await signer.lane1.tend()
  expect(await world.stored(transfer.idempotencyKey)).toMatchObject({ state: 'mined' })
  world.proxy.settings.lag = 0

  await rpc(world.chain.url, 'anvil_reorg', [1, []])
  await eventually(async () => {
    await world.mine()
    await signer.lane1.tend()
    expect(world.events.filter(({ type }) => type === 'reopened')).toHaveLength(1)
  })
  await eventually(async () => {
    await world.mine()
    await signer.lane1.tend()
    expect(await world.balance(waiting.to)).toBe(waiting.amount)
  })
  expect(await ended(signer, transfer.idempotencyKey)).toMatchObject({ transactionHash: hashes[0] })
  expect(await world.balance(transfer.to)).toBe(transfer.amount)
  expect((await world.stored(transfer.idempotencyKey)).hashes).toEqual(hashes)
})

test('a chain that goes back further than it may stops the lane; once a person says so, it is all sent again in its order', async () => {
  const signer = world.signer()
  const snapshot = await rpc(world.chain.url, 'evm_snapshot')
  const transfers = [world.transfer(), world.transfer()]
  for (const transfer of transfers) {
    await signer.submit(transfer)
    await signer.rest()
    await world.mine(20)
    await ended(signer, transfer.idempotencyKey)
  }
  const before = await Promise.all(transfers.map(({ idempotencyKey }) => world.stored(idempotencyKey)))
  await rpc(world.chain.url, 'evm_revert', [snapshot])
  await world.mine(60)
  await signer.submit(world.transfer())
  await eventually(async () => {
    await signer.lane1.tend()
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'halted', because: 'chain_went_back' }))
  })
  expect(await refusal(signer.submit(world.transfer()))).toBe('unavailable: lane_halted')

  expect(await signer.lane1.resume()).toEqual([])
  for (const { to, amount } of transfers)
    await eventually(async () => {
      await signer.lane1.tend()
      await world.mine()
      expect(await world.balance(to)).toBe(amount)
    })
  await eventually(async () => {
    await signer.lane1.tend()
    const after = await Promise.all(transfers.map(({ idempotencyKey }) => world.stored(idempotencyKey)))
    expect(after).toEqual(before)
  })
})

test('with a fixed price every transaction offers it, in the form that every chain knows', async () => {
  const signer = world.signer({ settings: { gas: { policy: 'fixed', price: 25n * 10n ** 9n } } })
  const transfer = world.transfer()
  await signer.submit(transfer)
  await signer.rest()
  await world.mine()
  const { transactionHash } = await ended(signer, transfer.idempotencyKey)
  expect(await rpc(world.chain.url, 'eth_getTransactionByHash', [transactionHash])).toMatchObject({
    type: '0x0',
    gasPrice: numberToHex(25n * 10n ** 9n),
  })
})

test('a call that the chain reverts in the end has used its nonce, and failed with its hash', async () => {
  const signer = world.signer()
  const fickle = '0x000000000000000000000000000000000000f1c1'
  const call = { ...world.transfer(), calls: [{ to: fickle as Hex, value: 0n, data: '0x' as Hex }] }
  await signer.submit(call)
  await signer.rest()
  await rpc(world.chain.url, 'anvil_setCode', [fickle, '0x60006000fd'])
  await world.mine()
  const { hashes } = await world.stored(call.idempotencyKey)
  expect(await ended(signer, call.idempotencyKey)).toMatchObject({
    state: 'failed',
    transactionHash: hashes[0],
    failure: { reason: 'execution_reverted' },
  })
})

test('what is no key is refused without being repeated', () => {
  const secret = `0x${'f'.repeat(64)}`
  for (const wrong of [secret, '0x12', secret.slice(2)])
    expect(() => keyFromPrivateKey(wrong)).toThrow(/^(?!.*f{8}).*signing key is/i)
})
