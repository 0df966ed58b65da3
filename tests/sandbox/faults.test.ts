import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resetChain } from '../../sandbox/chain/disturb-chain.ts'
import type { Chain } from '../../sandbox/chain/start-chain.ts'
import type { FaultMode, FaultSpec } from '../../sandbox/crossmint/control.ts'
import {
  apiKey,
  apiOf,
  balanceOf,
  eventually,
  fundedWallet,
  payee,
  testChain,
  testCrossmint,
  transfer,
} from './world.ts'

let chain: Chain
beforeAll(async () => {
  chain = await testChain()
})
afterAll(() => chain.stop())

type World = Awaited<ReturnType<typeof testCrossmint>>

async function faultyWorld(spec?: FaultSpec) {
  const world = await testCrossmint(chain.url)
  const wallet = await fundedWallet(world)
  if (spec) await world.control.inject(spec)
  return { ...world, wallet }
}

/** How often the fault happened, by the journal. */
async function happened(world: World, mode: FaultMode, variant?: string): Promise<number> {
  const faults = await world.control.journal({ type: 'fault' })
  return faults.filter((fault) => fault.mode === mode && (variant === undefined || fault.variant === variant)).length
}

const somebody = () => privateKeyToAccount(generatePrivateKey())

test.each(['drop', '500', 'html-502', 'no-id'] as const)(
  'F1 %s: created, but the answer is lost; the same key finds it',
  async (variant) => {
    await using world = await faultyWorld({ mode: 'F1', variant })
    const { address } = world.wallet
    const create = () => world.api.transact(address, [transfer(1n)], {}, 'key')
    if (variant === 'drop') await expect(create()).rejects.toThrow('fetch failed')
    else if (variant === 'no-id') {
      const answer = await create()
      expect([answer.status, answer.body.id, answer.body.status]).toEqual([201, undefined, 'awaiting-approval'])
    } else expect((await create()).status).toBe(variant === '500' ? 500 : 502)

    expect((await create()).status).toBe(201)
    expect(await world.control.transactions()).toHaveLength(1)
    expect(await happened(world, 'F1', variant)).toBe(1)
  },
)

test('F1 may be meant for wallets, and then leaves transactions alone', async () => {
  await using world = await faultyWorld({ mode: 'F1', variant: '500', match: { endpoint: 'createWallet' } })
  expect((await world.api.transact(world.wallet.address, [transfer(1n)])).status).toBe(201)
  const create = () => world.api.createWallet(somebody(), { owner: 'userId:1' })
  expect((await create()).status).toBe(500)
  expect((await create()).status).toBe(200)
})

test('F1 timeout and F2 timeout keep silent, then cut the connection', async () => {
  await using world = await faultyWorld({ mode: 'F1', variant: 'timeout', delay: 100 })
  const create = () => world.api.transact(world.wallet.address, [transfer(1n)], {}, 'key')
  await expect(create()).rejects.toThrow('fetch failed')
  expect(await world.control.transactions()).toHaveLength(1)
  await world.control.inject({ mode: 'F2', delay: 100 })
  await expect(world.api.transact(world.wallet.address, [transfer(1n)], {}, 'other')).rejects.toThrow('fetch failed')
  expect(await world.control.transactions()).toHaveLength(1)
  const outcomes = (await world.control.journal({ type: 'exchange' })).map(({ outcome }) => outcome)
  expect(outcomes.filter((outcome) => outcome === 'hung')).toHaveLength(2)
})

test.each(['drop', '500', 'html-502'] as const)('F2 %s: not created, and no answer', async (variant) => {
  await using world = await faultyWorld({ mode: 'F2', variant })
  const create = () => world.api.transact(world.wallet.address, [transfer(1n)], {}, 'key')
  if (variant === 'drop') await expect(create()).rejects.toThrow('fetch failed')
  else expect((await create()).status).toBeGreaterThanOrEqual(500)
  expect(await world.control.transactions()).toEqual([])
  expect((await create()).status).toBe(201)
  expect(await happened(world, 'F2', variant)).toBe(1)
})

test.each(['500', 'html-502', 'drop'] as const)('F3 %s: approved, but the answer is lost', async (variant) => {
  await using world = await faultyWorld({ mode: 'F3', variant })
  const { address, owner } = world.wallet
  const { body } = await world.api.transact(address, [transfer(1n)])
  const approve = () => world.api.approve(address, body.id, owner, body.onChain.userOperationHash)
  if (variant === 'drop') await expect(approve()).rejects.toThrow('fetch failed')
  else expect((await approve()).status).toBeGreaterThanOrEqual(500)
  await world.wallet.ended(body.id)
  expect(await happened(world, 'F3', variant)).toBe(1)
})

test.each(['409', '422'] as const)('F4 %s: the approval was taken all the same', async (variant) => {
  await using world = await faultyWorld({ mode: 'F4', variant })
  const { address, owner } = world.wallet
  const { body } = await world.api.transact(address, [transfer(1n)])
  expect((await world.api.approve(address, body.id, owner, body.onChain.userOperationHash)).status).toBe(
    Number(variant),
  )
  await world.wallet.ended(body.id)
  expect(await happened(world, 'F4', variant)).toBe(1)
})

test('F4 not done: the approval still is to be given', async () => {
  await using world = await faultyWorld({ mode: 'F4', variant: '409-not-done' })
  const { address, owner } = world.wallet
  const { body } = await world.api.transact(address, [transfer(1n)])
  const approve = () => world.api.approve(address, body.id, owner, body.onChain.userOperationHash)
  expect((await approve()).status).toBe(409)
  expect((await world.api.get(address, body.id)).body.approvals.pending).toHaveLength(1)
  expect((await approve()).status).toBe(201)
  await world.wallet.ended(body.id)
})

test.each(['counted', 'ignored'] as const)('F5 %s: stuck in awaiting-approval until advanced', async (variant) => {
  await using world = await faultyWorld({ mode: 'F5', variant })
  const id = await world.wallet.pay(1n)
  const { body } = await world.api.get(world.wallet.address, id)
  expect(body.status).toBe('awaiting-approval')
  expect(body.approvals.submitted).toHaveLength(variant === 'counted' ? 1 : 0)
  expect(body.approvals.pending).toHaveLength(variant === 'counted' ? 0 : 1)
  await world.control.advance(id)
  await world.wallet.ended(id)
  expect(await happened(world, 'F5', variant)).toBe(1)
})

test('F5 ignored: the same approval once more is taken', async () => {
  await using world = await faultyWorld({ mode: 'F5', variant: 'ignored' })
  const id = await world.wallet.pay(1n)
  const { body } = await world.api.get(world.wallet.address, id)
  await world.api.approve(world.wallet.address, id, world.wallet.owner, body.onChain.userOperationHash)
  await world.wallet.ended(id)
  expect(await balanceOf(chain.url, world.wallet.address)).toBe(9_999_999n)
})

test('F6 not-sent: pending without a txId until advanced', async () => {
  await using world = await faultyWorld({ mode: 'F6' })
  const id = await world.wallet.pay(1n)
  await world.control.fund({ address: payee, amount: 1n }) // a block passes
  const { body } = await world.api.get(world.wallet.address, id)
  expect([body.status, body.onChain.txId]).toEqual(['pending', undefined])
  expect(await balanceOf(chain.url, world.wallet.address)).toBe(10_000_000n)
  await world.control.advance(id)
  await world.wallet.ended(id)
  expect(await happened(world, 'F6', 'not-sent')).toBe(1)
})

test('F6 late: done after the delay; advanced to failed instead, it never goes out', async () => {
  await using world = await faultyWorld({ mode: 'F6', variant: 'late', delay: 200 })
  const id = await world.wallet.pay(1n)
  expect((await world.api.get(world.wallet.address, id)).body.status).toBe('pending')
  await world.wallet.ended(id)

  await world.control.inject({ mode: 'F6' })
  const other = await world.wallet.pay(1n)
  await world.control.advance(other, { reason: 'unknown', message: 'Given up' })
  expect((await world.api.get(world.wallet.address, other)).body).toMatchObject({
    status: 'failed',
    error: { reason: 'unknown' },
  })
  const third = await world.wallet.pay(1n)
  await world.wallet.ended(third)
  expect(await balanceOf(chain.url, world.wallet.address)).toBe(9_999_998n)
})

test('F6 silent: done on the chain, and never told', async () => {
  await using world = await faultyWorld({ mode: 'F6', variant: 'silent' })
  const id = await world.wallet.pay(1n)
  await eventually(async () => (await balanceOf(chain.url, world.wallet.address)) === 9_999_999n)
  const { body } = await world.api.get(world.wallet.address, id)
  expect([body.status, body.onChain.txId, body.completedAt]).toEqual(['pending', undefined, undefined])
  await world.control.advance(id)
  await world.wallet.ended(id)
})

test.each(['build_failed', 'failed_to_land_on_chain', 'sanctioned_wallet_address', 'unknown'] as const)(
  'F7 %s: failed before it was sent',
  async (variant) => {
    await using world = await faultyWorld({ mode: 'F7', variant })
    const failed = await world.wallet.ended(await world.wallet.pay(1n), 'failed')
    expect(failed.error).toEqual({ reason: variant, message: expect.any(String) })
    expect(failed.onChain).not.toHaveProperty('txId')
    await world.wallet.ended(await world.wallet.pay(2n))
    expect(await balanceOf(chain.url, world.wallet.address)).toBe(9_999_998n)
    expect(await happened(world, 'F7', variant)).toBe(1)
  },
)

test('F7 landed: told to have failed, and it happened all the same', async () => {
  await using world = await faultyWorld({ mode: 'F7', variant: 'landed' })
  const id = await world.wallet.pay(1n)
  await eventually(async () => (await balanceOf(chain.url, world.wallet.address)) === 9_999_999n)
  const { body } = await world.api.get(world.wallet.address, id)
  expect([body.status, body.error.reason]).toEqual(['failed', 'failed_to_land_on_chain'])
})

test('F8: passes the simulation, reverts on the chain, moves nothing', async () => {
  await using world = await faultyWorld({ mode: 'F8' })
  const failed = await world.wallet.ended(await world.wallet.pay(1n), 'failed')
  expect(failed.onChain.txId).toMatch(/^0x[0-9a-f]{64}$/)
  expect(failed.error).toMatchObject({
    reason: 'execution_reverted',
    revert: { type: 'contract_call', reason: 'Blacklistable: account is blacklisted' },
  })
  expect(await balanceOf(chain.url, world.wallet.address)).toBe(10_000_000n)
  await world.wallet.ended(await world.wallet.pay(1n))
  expect(await happened(world, 'F8')).toBe(1)
})

test('F9: a good signature is spoiled on its way, and the account refuses it', async () => {
  await using world = await faultyWorld({ mode: 'F9' })
  const failed = await world.wallet.ended(await world.wallet.pay(1n), 'failed')
  expect(failed.error.revert).toMatchObject({
    type: 'wallet_authorization',
    reason: 'Invalid signature',
    reasonData: 'AA24',
  })
  expect(await balanceOf(chain.url, world.wallet.address)).toBe(10_000_000n)
  expect(await happened(world, 'F9')).toBe(1)
})

test('F10: a burst of 429 for as many requests as asked, with Retry-After or without', async () => {
  await using world = await faultyWorld({ mode: 'F10', count: 3 })
  const read = async () => {
    const { status, headers } = await world.api.call('GET', `/2025-06-09/wallets/${world.wallet.address}`)
    return [status, headers.get('retry-after')]
  }
  expect([await read(), await read(), await read(), await read()]).toEqual([
    [429, null],
    [429, null],
    [429, null],
    [200, null],
  ])
  await world.control.inject({ mode: 'F10', variant: 'retry-after' })
  expect(await read()).toEqual([429, '1'])
  expect(await happened(world, 'F10')).toBe(4)
})

test('F11: a read tells the state before', async () => {
  await using world = await faultyWorld()
  const id = await world.wallet.pay(1n)
  const { onChain } = await world.wallet.ended(id)
  await world.control.inject({ mode: 'F11' })
  const stale = (await world.api.get(world.wallet.address, id)).body
  expect([stale.status, stale.onChain.txId, stale.completedAt]).toEqual(['pending', undefined, undefined])
  expect((await world.api.get(world.wallet.address, id)).body.onChain).toEqual(onChain)
  expect(await happened(world, 'F11')).toBe(1)
})

test('F12: a reorganization after success takes the payment back; sent again, it has another transaction', async () => {
  await using own = await testChain()
  await using world = await testCrossmint(own.url)
  const wallet = await fundedWallet(world)
  const to = somebody().address
  const id = await wallet.pay(1n, to)
  const done = await wallet.ended(id)

  expect(await world.control.reorg({ depth: 1 })).toMatchObject({ removed: [done.onChain.txId], transactions: [id] })
  expect(await balanceOf(own.url, to)).toBe(0n)
  expect((await world.api.get(wallet.address, id)).body.status).toBe('success')
  expect(await happened(world, 'F12')).toBe(1)

  const second = await wallet.pay(2n, to)
  await wallet.ended(second)
  await world.control.reorg({ depth: 1, resend: true })
  await eventually(async () => (await balanceOf(own.url, to)) === 2n)
  await wallet.ended(second)
})

test.each(['numeric-times', 'extra-fields', 'null-tx-id'] as const)(
  'F13 %s: the same answer, dressed differently',
  async (variant) => {
    await using world = await faultyWorld({ mode: 'F13', variant })
    const { body } = await world.api.transact(world.wallet.address, [transfer(1n)], {}, 'key')
    const plain = (await world.api.transact(world.wallet.address, [transfer(1n)], {}, 'key')).body
    const odd = {
      'numeric-times': { ...plain, createdAt: Date.parse(plain.createdAt) },
      'extra-fields': { ...plain, somethingNew: expect.anything(), anotherFlag: true },
      'null-tx-id': { ...plain, onChain: { ...plain.onChain, txId: null, explorerLink: null } },
    }
    expect(body).toEqual(odd[variant])
    expect(await happened(world, 'F13', variant)).toBe(1)
  },
)

test('F14: pending at once, without anybody approving', async () => {
  await using world = await faultyWorld({ mode: 'F14' })
  const { body } = await world.api.transact(world.wallet.address, [transfer(1n)])
  expect(body).toMatchObject({ status: 'pending', approvals: { pending: [] } })
  await world.wallet.ended(body.id)
  expect(await balanceOf(chain.url, world.wallet.address)).toBe(9_999_999n)
  expect(await happened(world, 'F14')).toBe(1)
})

test('F15: a chain that starts anew is noticed, and payments go on', async () => {
  await using own = await testChain()
  await using world = await testCrossmint(own.url)
  const wallet = await fundedWallet(world)
  await wallet.ended(await wallet.pay(1n))

  await resetChain(own.url)
  await eventually(async () => (await happened(world, 'F15')) === 1)
  await world.control.fund({ address: wallet.address, amount: 10n })
  const again = await fundedWallet(world)
  await again.ended(await again.pay(3n))
  await wallet.ended(await wallet.pay(3n))
  expect(await balanceOf(own.url, wallet.address)).toBe(7n)
})

test('a chain that is away for a while loses nothing', async () => {
  await using own = await testChain({ blockTime: 600 })
  await using world = await testCrossmint(own.url)
  const wallet = await fundedWallet(world)
  process.kill(own.processId, 'SIGSTOP')
  try {
    const hasty = apiOf(world.url, apiKey, 300)
    await expect(hasty.transact(wallet.address, [transfer(1n)], {}, 'key')).rejects.toThrow('timeout')
  } finally {
    process.kill(own.processId, 'SIGCONT')
  }
  const id = await wallet.pay(1n, payee, 'key')
  await eventually(async () => (await world.api.get(wallet.address, id)).body.onChain.txId)
  await world.control.fund({ address: payee, amount: 1n }) // mines
  await wallet.ended(id)
}, 20_000)

test('a probability with a seed makes the same faults each time', async () => {
  const run = async () => {
    await using world = await faultyWorld({ mode: 'F10', probability: 0.5, seed: 7 })
    const statuses: number[] = []
    for (let index = 0; index < 20; index++) {
      statuses.push((await world.api.call('GET', `/2025-06-09/wallets/${world.wallet.address}`)).status)
    }
    return statuses
  }
  const first = await run()
  expect(new Set(first)).toEqual(new Set([200, 429]))
  expect(await run()).toEqual(first)
})

test('a fault is met only by what it is meant for, and unknown faults are refused', async () => {
  await using world = await faultyWorld()
  const other = await fundedWallet(world)
  await world.control.inject({ mode: 'F2', variant: '500', match: { wallet: other.address, idempotencyKey: 'key' } })
  expect((await world.api.transact(world.wallet.address, [transfer(1n)], {}, 'key')).status).toBe(201)
  expect((await world.api.transact(other.address, [transfer(1n)], {}, 'another')).status).toBe(201)
  expect((await world.api.transact(other.address, [transfer(1n)], {}, 'key')).status).toBe(500)
  expect(await world.control.faults()).toMatchObject([{ left: 0, fired: 1 }])
  await expect(world.control.inject({ mode: 'F99' } as unknown as FaultSpec)).rejects.toThrow('Unknown fault mode')
  await expect(world.control.inject({ mode: 'F1', variant: 'x' } as unknown as FaultSpec)).rejects.toThrow(
    'has the variants',
  )
})

test('a reset forgets faults and journal, and keeps wallets unless told otherwise', async () => {
  await using world = await faultyWorld({ mode: 'F10', count: 100 })
  await world.control.reset()
  expect(await world.control.journal()).toEqual([])
  expect((await world.api.call('GET', `/2025-06-09/wallets/${world.wallet.address}`)).status).toBe(200)
  await world.control.reset({ state: true })
  expect((await world.api.call('GET', `/2025-06-09/wallets/${world.wallet.address}`)).status).toBe(404)
})
