import { randomUUID } from 'node:crypto'
import type { Hex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorOf } from '../../../client-sdk/index.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import type { AcceptedOperation, EercOperation, OperationType } from '../../../server/contract/eerc.ts'
import type { Address } from '../../../server/contract/entities.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { seededRandom } from '../../bench/statistics.ts'
import { eventually } from '../../support/eventually.ts'
import { type Draws, drawsOf } from '../compliance/support/random-policy.ts'
import { approvedBy, type Issuer, issuerWorld } from './support/issuer.ts'
import { revertsSince } from './support/reverts.ts'
import { managed, type Subject, suited } from './support/subjects.ts'

const STEPS = process.env.SOAK ? 200 : 16
const RACES = process.env.SOAK ? 200 : 20
const AT_ONCE = 5

type Holder = { id: string; address: Address }

let world: Issuer
let subjects: Record<string, Subject>
let holders: Holder[]
beforeAll(async () => {
  world = await issuerWorld({ permissioned: true, environment: { DEADLINE_MS: '60000', LEASE_MS: '30000' } })
  subjects = {
    'erc-7943': await managed(world, 'erc-7943'),
    'erc-1404': await managed(world, 'erc-1404'),
    'erc-3643': await suited(world),
  }
  holders = await Promise.all([1, 2, 3].map(() => world.wallet(0n)))
}, 60_000)
afterAll(() => world[Symbol.asyncDispose]())

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
const blockNumber = async () => Number(await rpc<Hex>(world.chain.url, 'eth_blockNumber'))
const ended = ['settled', 'failed', 'refused', 'attention']
const until = (id: string) => world.untilOperation(id, ...ended)

type Asked = { preflight(): Promise<{ outcome: string; checks: unknown }>; request(): Promise<AcceptedOperation> }

/** Something that somebody asks for, of any kind that the token has. */
function anyWish({ token }: Subject, { one, number, chance }: Draws): Asked & { type: OperationType } {
  const [from, to] = [one(holders), one(holders)]
  const amount = BigInt(1 + number(120))
  const tokenId = token.id
  const { eerc } = world.client
  const asked = { tokenId, reason: 'as agreed', idempotencyKey: randomUUID() }
  const wishes: Partial<Record<OperationType, Asked>> = {
    transfer: {
      preflight: () =>
        eerc.preflight.query({ tokenId, walletId: from.id, action: { type: 'transfer', to: to.address, amount } }),
      request: () =>
        eerc.transfer.mutate({
          ...{ tokenId, walletId: from.id, to: to.address, amount, idempotencyKey: asked.idempotencyKey },
        }),
    },
    mint: {
      preflight: () => eerc.preflight.query({ tokenId, action: { type: 'mint', to: to.address, amount } }),
      request: () => eerc.mint.mutate({ ...asked, to: to.address, amount }),
    },
    burn: {
      preflight: () => eerc.preflight.query({ tokenId, action: { type: 'burn', from: from.address, amount } }),
      request: () => eerc.burn.mutate({ ...asked, from: from.address, amount }),
    },
    freeze: {
      preflight: () =>
        eerc.preflight.query({ tokenId, action: { type: 'freeze', holder: from.address, frozen: amount } }),
      request: () => eerc.freeze.mutate({ ...asked, holder: from.address, frozen: amount }),
    },
    'forced-transfer': {
      preflight: () =>
        eerc.preflight.query({
          tokenId,
          action: { type: 'forced-transfer', from: from.address, to: to.address, amount },
        }),
      request: () => eerc.forcedTransfer.mutate({ ...asked, from: from.address, to: to.address, amount }),
    },
    disallow: {
      preflight: () => eerc.preflight.query({ tokenId, action: { type: 'disallow', holder: from.address } }),
      request: () => eerc.disallow.mutate({ ...asked, holder: from.address }),
    },
    unpause: {
      preflight: () => eerc.preflight.query({ tokenId, action: { type: 'unpause' } }),
      request: () => eerc.unpause.mutate(asked),
    },
  }
  const possible = (Object.keys(wishes) as OperationType[]).filter((type) => token.capabilities[type])
  const type = chance(0.45) ? 'transfer' : one(possible)
  return { type, ...wishes[type]! }
}

/** What an issuer does without us. */
async function disturb(subject: Subject, { one, number, chance }: Draws): Promise<void> {
  const { address } = one(holders)
  const change = one([
    () => subject.allow(address),
    () => subject.allow(address),
    () => subject.mint(address, BigInt(1 + number(100))),
    () => subject.mint(address, BigInt(1 + number(100))),
    () => subject.freeze(address, BigInt(number(100))),
    () => (chance(0.4) ? subject.disallow(address) : subject.allow(address)),
    () => (chance(0.3) ? subject.pause() : subject.unpause()),
  ])
  await change().catch(() => {}) // it was only to bring about another state
}

test(`preflight says yes exactly when it then settles, on every kind of token; nothing is sent that reverts`, {
  timeout: process.env.SOAK ? 1_800_000 : 60_000,
}, async () => {
  console.log(`agreement: seed ${seed} (SEED=${seed} repeats it)`)
  const before = await blockNumber()
  const seen: Record<string, number> = {}
  const play = async ([standard, subject]: [string, Subject], index: number) => {
    const draws = drawsOf(seededRandom(seed + index))
    for (const { address } of holders.slice(0, 2)) {
      await subject.allow(address)
      await subject.mint(address, 150n)
    }
    for (let step = 0; step < STEPS; step++) {
      if (draws.chance(0.6)) await disturb(subject, draws)
      const { type, preflight, request } = anyWish(subject, draws)
      const said = await preflight()
      const accepted = await request().catch(errorOf)
      const about = JSON.stringify({ standard, type, said }, (_, value) =>
        typeof value === 'bigint' ? String(value) : value,
      )
      let outcome = 'deny'
      if ('id' in accepted) {
        if (accepted.approvalId) await approvedBy(draws.one(world.officers), accepted)
        const { state, failure } = await until(accepted.id)
        expect([state, failure], about).toEqual(['settled', null])
        outcome = 'allow'
      } else expect(accepted.code, about).toBe('REFUSED_BY_COMPLIANCE')
      expect(outcome, about).toBe(said.outcome)
      seen[`${outcome} ${standard}`] = (seen[`${outcome} ${standard}`] ?? 0) + 1
    }
  }
  await Promise.all(Object.entries(subjects).map(play))
  console.log(`agreement: ${JSON.stringify(seen)}`)
  // a suite that only ever saw one answer would prove nothing
  expect(Object.keys(seen).length).toBe(6)
  expect(await revertsSince(world, before)).toBe(0)
})

test('operations of one holder that come together are done one after the other: none reverts, and the last word holds', async () => {
  const before = await blockNumber()
  const subject = subjects['erc-3643']!
  const [{ address }] = (await Promise.all([world.wallet(0n)])) as [Holder]
  await subject.unpause().catch(() => {})
  await subject.allow(address)
  await subject.mint(address, 1_000n)
  const asked = () => ({ tokenId: subject.token.id, reason: 'ordered by a court', idempotencyKey: randomUUID() })
  const { eerc } = world.client
  const freezes = await Promise.all(
    [300n, 500n, 200n].map((frozen) => eerc.freeze.mutate({ ...asked(), holder: address, frozen })),
  )
  await Promise.all(freezes.map((operation) => approvedBy(world.officers[0], operation)))
  const done = await Promise.all(freezes.map(({ id }) => until(id)))
  expect(done.map(({ state }) => state)).toEqual(['settled', 'settled', 'settled'])
  const last = done.toSorted((a, b) => Number(a.blockNumber! - b.blockNumber!)).at(-1)!
  expect(await subject.frozenOf(address)).toBe(last.action.type === 'freeze' && last.action.frozen)

  const burns = await Promise.all([700n, 600n].map((amount) => eerc.burn.mutate({ ...asked(), from: address, amount })))
  await Promise.all(burns.map((operation) => approvedBy(world.officers[1], operation)))
  const burned = await Promise.all(burns.map(({ id }) => until(id)))
  expect(burned.map(({ state }) => state).sort()).toEqual(['refused', 'settled'])
  expect(burned.find(({ state }) => state === 'refused')!.failure!.reason).toBe('BALANCE_TOO_LOW')
  expect(await revertsSince(world, before)).toBe(0)
})

/** The token's own rule says no as well, and may be what is seen first by a node whose block changes while it answers. */
const reasons = ['UNFROZEN_BALANCE_TOO_LOW', 'TRANSFER_NOT_PERMITTED']

test(`a freeze at any moment: a transfer is done once, or is ended with the reason and nothing moved: ${RACES} races`, {
  timeout: process.env.SOAK ? 1_800_000 : 60_000,
}, async () => {
  const random = seededRandom(seed)
  const states: Record<string, number> = {}
  const race = async (delay: number) => {
    const [from, to] = [await world.holder(1_000n), await world.holder(0n)]
    const operation = await world.client.eerc.transfer.mutate({
      ...{ tokenId: world.token.id, walletId: from.id, to: to.address, amount: 300n, idempotencyKey: randomUUID() },
    })
    await new Promise((resolve) => setTimeout(resolve, delay))
    await world.behind('setFrozenTokens', from.address, 1_000n)
    const { state, failure, settledAt } = await until(operation.id)
    const moved = await world.balanceOf(to.address)
    if (state === 'settled') expect([moved, failure]).toEqual([300n, null])
    else {
      expect(['refused', 'failed']).toContain(state)
      expect([moved, settledAt]).toEqual([0n, null])
      if (state === 'refused') expect(reasons).toContain(failure!.reason)
      else expect(failure!.message).not.toBe('')
    }
    expect(await world.balanceOf(from.address)).toBe(1_000n - moved)
    states[state] = (states[state] ?? 0) + 1
  }
  for (let start = 0; start < RACES; start += AT_ONCE)
    await Promise.all(Array.from({ length: AT_ONCE }, () => race(random() < 0.2 ? 0 : random() * 400)))
  console.log(`freeze races: ${JSON.stringify(states)}`)
})

test('what changes in the block before: the chain reverts it, and the failure has the token’s reason', async () => {
  const [from, to, victim] = [await world.holder(1_000n), await world.holder(0n), await world.holder(500n)]
  const { client, chain } = world
  const burn = await client.eerc.burn.mutate({
    ...{
      tokenId: world.token.id,
      from: victim.address,
      amount: 500n,
      reason: 'redeemed',
      idempotencyKey: randomUUID(),
    },
  })
  await rpc(chain.url, 'evm_setAutomine', [false])
  let transfer: EercOperation
  try {
    // first in line, and in no block yet
    await world.sendBehind('setFrozenTokens', from.address, 1_000n)
    await world.sendBehind('forcedTransfer', victim.address, to.address, 400n)
    transfer = await client.eerc.transfer.mutate({
      ...{ tokenId: world.token.id, walletId: from.id, to: to.address, amount: 300n, idempotencyKey: randomUUID() },
    })
    await approvedBy(world.officers[0], burn)
    await Promise.all([transfer, burn].map(({ id }) => world.untilOperation(id, 'submitted')))
    await untilPending(4)
    await rpc(chain.url, 'evm_mine')
  } finally {
    await rpc(chain.url, 'evm_setAutomine', [true])
  }
  expect(await until(transfer.id)).toMatchObject({
    state: 'failed',
    transactionHash: expect.stringMatching(/^0x/),
    failure: { reason: 'UNFROZEN_BALANCE_TOO_LOW', refusal: null },
  })
  expect(await until(burn.id)).toMatchObject({ state: 'failed', failure: { reason: 'BALANCE_TOO_LOW' } })
  expect([await world.balanceOf(from.address), await world.balanceOf(to.address)]).toEqual([1_000n, 400n])
  expect(await world.balanceOf(victim.address)).toBe(100n)
})

/** Waits until the chain has so many transactions that no block has. */
async function untilPending(count: number): Promise<void> {
  await eventually(async () => {
    const { pending } = await rpc<{ pending: Hex }>(world.chain.url, 'txpool_status')
    if (Number(pending) < count) throw new Error(`${Number(pending)} transactions wait, not ${count}`)
  })
}

test('many who ask for the same at once get one operation; another wish under its key is refused', async () => {
  const to = await world.holder(0n)
  const wish = {
    tokenId: world.token.id,
    to: to.address,
    amount: 7n,
    reason: 'subscribed',
    idempotencyKey: randomUUID(),
  }
  const answers = await Promise.all(Array.from({ length: 20 }, () => world.client.eerc.mint.mutate(wish)))
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
  const other = await world.client.eerc.mint.mutate({ ...wish, amount: 8n }).then(() => null, errorOf)
  expect(other?.code).toBe('IDEMPOTENCY_MISMATCH')
  const { rows } = await world.database.pool.query(
    `select (select count(*) from eerc_operation where recipient = $1)::int4 as operations,
      (select count(*) from approval where action->>'operationId' = $2)::int4 as approvals`,
    [to.address, answers[0]!.id],
  )
  expect(rows).toEqual([{ operations: 1, approvals: 1 }])
  await approvedBy(world.officers[0], answers[0]!)
  expect(await until(answers[0]!.id)).toMatchObject({ state: 'settled' })
  expect(await world.balanceOf(to.address)).toBe(7n)
})

test('every trail of what was done is whole', async () => {
  expect((await verifyTrails(world.built.services.db)).faults).toEqual([])
})
