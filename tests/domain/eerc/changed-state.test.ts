import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorOf } from '../../../client-sdk/index.ts'
import type { TransactionRow } from '../../../db/schema.ts'
import type { AcceptedOperation, EercOperation } from '../../../server/contract/eerc.ts'
import type { Address } from '../../../server/contract/entities.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { advance } from '../../../server/domain/transactions/advance.ts'
import { workOn } from '../../../server/domain/transactions/work.ts'
import type { Services } from '../../../server/services.ts'
import { eventually } from '../../support/eventually.ts'
import { trailOf } from '../approvals/support/wishes.ts'
import { claimed, rowOf } from './support/claimed.ts'
import { approvedBy, type Issuer, issuerWorld } from './support/issuer.ts'
import { suited } from './support/subjects.ts'

let world: Issuer
let services: Services
beforeAll(async () => {
  world = await issuerWorld({
    workers: false,
    permissioned: true,
    environment: { DEADLINE_MS: '60000', LEASE_MS: '30000' },
  })
  services = world.built.services
})
afterAll(() => world[Symbol.asyncDispose]())

type Holder = { id: string; address: Address }

const asked = () => ({ tokenId: world.token.id, reason: 'as agreed with the issuer', idempotencyKey: randomUUID() })
const transfer = (from: Holder, to: Holder, amount = 300n): Promise<AcceptedOperation> =>
  world.client.eerc.transfer.mutate({
    tokenId: world.token.id,
    walletId: from.id,
    to: to.address,
    amount,
    idempotencyKey: randomUUID(),
  })
const get = ({ id: operationId }: { id: string }): Promise<EercOperation> =>
  world.client.eerc.get.query({ operationId })

/** Whether anybody who signs was asked to. */
async function wasHandedOver({ transactionId }: { transactionId: string }): Promise<boolean> {
  const [exchanges, send] = await Promise.all([
    world.crossmint.journal({ type: 'exchange' }),
    services.db.selectFrom('signer_send').select('id').where('id', '=', transactionId).executeTakeFirst(),
  ])
  return send !== undefined || exchanges.some(({ idempotencyKey }) => idempotencyKey === transactionId)
}

/** How an operation may be on its way when something changes. */
const ways: Record<string, (row: TransactionRow) => Promise<TransactionRow>> = {
  'before it is submitted': async (row) => row,
  'after a crash on the way to who signs': async (row) =>
    (await advance(services, row, {
      to: 'submitting',
      principal: { kind: 'system', name: 'dispatcher' },
      facts: { submitting_since: services.clock.now() },
      nextAttemptAt: new Date(Date.now() + 30_000),
    }))!,
}

interface Change {
  what: string
  /** Undoes it afterwards, where others would meet it. */
  make(parties: { from: Holder; to: Holder; other: Holder }): Promise<unknown>
  undo?(): Promise<unknown>
  rule: string
  code: string
}

const list = (address: Address) => world.client.lists.add.mutate({ list: 'sanctions', address, reason: 'named' })

const ofTransfers: Change[] = [
  {
    what: 'the holder’s tokens are frozen',
    make: ({ from }) => world.behind('setFrozenTokens', from.address, 800n),
    rule: 'token-balance',
    code: 'UNFROZEN_BALANCE_TOO_LOW',
  },
  {
    what: 'the token is paused',
    make: () => world.behind('pause'),
    undo: () => world.behind('unpause'),
    rule: 'token-pause',
    code: 'TOKEN_PAUSED',
  },
  {
    what: 'the recipient may no longer hold the token',
    make: ({ to }) => world.behind('changeWhitelist', to.address, false),
    rule: 'token-recipient',
    code: 'HOLDER_MAY_NOT_RECEIVE',
  },
  {
    what: 'the balance goes elsewhere',
    make: ({ from, other }) => world.behind('forcedTransfer', from.address, other.address, 900n),
    rule: 'token-balance',
    code: 'BALANCE_TOO_LOW',
  },
  {
    what: 'the recipient is put on a list of ours',
    make: ({ to }) => list(to.address),
    rule: 'deny-list',
    code: 'ADDRESS_ON_DENY_LIST',
  },
  {
    what: 'who sends for the wallet is taken off the chain’s list',
    make: () => world.setSender(world.relayer, 'setNone'),
    undo: () => world.setSender(world.relayer, 'setEnabled'),
    rule: 'tx-allow-list',
    code: 'SENDER_NOT_ON_TX_ALLOW_LIST',
  },
]

const ofMints: Change[] = [
  {
    what: 'the agent is taken off the chain’s list',
    make: () => world.setSender(world.agent, 'setNone'),
    undo: () => world.setSender(world.agent, 'setEnabled'),
    rule: 'tx-allow-list',
    code: 'SENDER_NOT_ON_TX_ALLOW_LIST',
  },
  {
    what: 'the agent loses its role',
    make: () => world.setRole('MINTER_ROLE', false),
    undo: () => world.setRole('MINTER_ROLE', true),
    rule: 'token-role',
    code: 'SENDER_LACKS_TOKEN_ROLE',
  },
  {
    what: 'the holder may no longer hold the token',
    make: ({ to }) => world.behind('changeWhitelist', to.address, false),
    rule: 'token-recipient',
    code: 'HOLDER_MAY_NOT_RECEIVE',
  },
]

/** Everything that was asked is with the decision, in the order in which it decides. */
async function expectRecorded(operation: EercOperation, { rule, code }: Change): Promise<void> {
  const { failure } = await get(operation)
  expect(failure).toMatchObject({ reason: code, message: expect.any(String) })
  expect(failure!.refusal!.checks[0]).toMatchObject({ rule, code, outcome: 'deny', remedy: expect.any(String) })
  const decision = await world.client.decisions.get.query({ decisionId: failure!.refusal!.decisionId })
  expect(decision).toMatchObject({ action: `eerc.${operation.action.type}`, outcome: 'deny' })
  const rules = decision.checks.map((check) => check.rule)
  expect(rules.slice(0, 2)).toEqual(['deny-list', 'sanctions'])
  if (rule === 'deny-list') return // the chain is not asked about what is refused already
  expect(rules[2]).toBe('tx-allow-list')
  expect(rules.slice(3, -1).every((one) => one.startsWith('token-') && one !== 'token-simulation')).toBe(true)
  expect(rules.at(-1)).toBe('token-simulation')
}

for (const [way, onItsWay] of Object.entries(ways)) {
  const ended = way.startsWith('before') ? 'refused' : 'failed'

  for (const change of ofTransfers)
    test(`${change.what} ${way}: nothing moves, and the check is named`, async () => {
      const [from, to, other] = [await world.holder(1_000n), await world.holder(0n), await world.holder(0n)]
      const operation = await transfer(from, to)
      const row = await onItsWay(await claimed(services, operation))
      await change.make({ from, to, other })
      const before = await world.balanceOf(from.address)
      await workOn(services, row)
      await change.undo?.()

      expect(await get(operation)).toMatchObject({ state: ended, transactionHash: null })
      await expectRecorded(operation, change)
      expect(await wasHandedOver(operation)).toBe(false)
      expect([await world.balanceOf(from.address), await world.balanceOf(to.address)]).toEqual([before, 0n])
      const actions = (await trailOf(world, operation.id)).map(({ action }) => action)
      expect(actions).toEqual(
        ended === 'refused'
          ? ['operation.accepted', 'operation.refused']
          : ['operation.accepted', 'operation.submitted', 'operation.failed'],
      )
    })

  for (const change of ofMints)
    test(`${change.what} ${way}: nothing is minted, although two people wanted it`, async () => {
      const [from, to, other] = [await world.holder(0n), await world.holder(0n), await world.holder(0n)]
      const operation = await world.client.eerc.mint.mutate({ ...asked(), to: to.address, amount: 50n })
      await approvedBy(world.officers[0], operation)
      const row = await onItsWay(await claimed(services, operation))
      await change.make({ from, to, other })
      await workOn(services, row)
      await change.undo?.()

      expect(await get(operation)).toMatchObject({ state: ended, transactionHash: null })
      await expectRecorded(operation, change)
      expect(await wasHandedOver(operation)).toBe(false)
      expect(await world.balanceOf(to.address)).toBe(0n)
    })
}

test('what changed while it was held is met when it is let go', async () => {
  const to = await world.holder(0n)
  const operation = await world.client.eerc.mint.mutate({ ...asked(), to: to.address, amount: 50n })
  await world.behind('changeWhitelist', to.address, false)
  await approvedBy(world.officers[0], operation)
  await workOn(services, await claimed(services, operation))
  expect(await get(operation)).toMatchObject({ state: 'refused', failure: { reason: 'HOLDER_MAY_NOT_RECEIVE' } })
  expect(await wasHandedOver(operation)).toBe(false)
})

test('what the chain says no to is not accepted: the refusal names every check that says so, and is kept', async () => {
  const [from, to] = [await world.holder(100n), await world.holder(0n)]
  await world.behind('changeWhitelist', to.address, false)
  const refusal = await transfer(from, to).then(() => expect.unreachable('it was accepted'), errorOf)
  expect(refusal).toMatchObject({
    code: 'REFUSED_BY_COMPLIANCE',
    details: {
      checks: [
        { rule: 'token-balance', code: 'BALANCE_TOO_LOW' },
        { rule: 'token-recipient', code: 'HOLDER_MAY_NOT_RECEIVE' },
        { rule: 'token-transfer-rule' },
        { rule: 'token-simulation' },
      ],
    },
  })
  const decisionId = String(refusal.details.decisionId)
  const decision = await world.client.decisions.get.query({ decisionId })
  expect(decision).toMatchObject({ action: 'eerc.transfer', outcome: 'deny', subject: { recipient: to.address } })
  expect(await world.client.decisions.explain.query({ decisionId })).toMatchObject({
    operationId: null,
    repeated: 'in_part',
    commitment: { holds: true },
    audit: { agrees: true },
  })
})

test('a chain that does not answer stops what is not submitted yet, and refuses nothing', async () => {
  const [from, to] = [await world.holder(100n), await world.holder(0n)]
  const operation = await transfer(from, to, 10n)
  const row = await claimed(services, operation)
  const chains = {
    ...services.chains,
    get: () => ({ ...services.chains.all()[0]!, rpc: { request: silent } as never }),
  }
  await expect(workOn({ ...services, chains }, row)).rejects.toThrow('did not answer')
  expect((await get(operation)).state).toBe('accepted')
  expect(await wasHandedOver(operation)).toBe(false)
  await workOn(services, await rowOf(services, row))
  expect((await get(operation)).state).toBe('submitted')
})

const silent = () => Promise.reject(new Error('nobody there'))

test('a call that leads from a state in which the token is no longer is not handed over, however late', async () => {
  const bond = await suited(world)
  const holder = await world.wallet(0n)
  await bond.allow(holder.address)
  await bond.mint(holder.address, 1_000n)
  const operation = await world.client.eerc.freeze.mutate({
    ...{ ...asked(), tokenId: bond.token.id },
    ...{ holder: holder.address, frozen: 300n },
  })
  await approvedBy(world.officers[0], operation)
  const row = await ways['after a crash on the way to who signs']!(await claimed(services, operation))
  // this token knows only how much more is to be frozen
  await bond.freeze(holder.address, 100n)
  await workOn(services, row)
  expect(await get(operation)).toMatchObject({ state: 'failed', failure: { reason: 'CALL_OUTDATED' } })
  expect(await wasHandedOver(operation)).toBe(false)
  expect(await bond.frozenOf(holder.address)).toBe(100n)
})

/** A transfer that the wallet provider has and that we have not approved, since the worker died in between. */
async function unapproved(from: Holder, to: Holder) {
  const operation = await transfer(from, to)
  const row = await claimed(services, operation)
  const before = new Set((await world.crossmint.transactions()).map(({ id }) => id))
  const submit: Services['provider']['submit'] = async (submission) => {
    await services.provider.submit(submission, 0).catch(() => null)
    return new Promise(() => {})
  }
  void workOn({ ...services, provider: { ...services.provider, submit } }, row)
  const known = await eventually(async () => {
    const found = (await world.crossmint.transactions()).find(({ id }) => !before.has(id))
    return found ?? Promise.reject(new Error('the provider has none'))
  })
  return { operation, reference: known.id, row: await rowOf(services, row) }
}
const providerState = async (id: string) =>
  (await world.crossmint.transactions()).find((transaction) => transaction.id === id)!.status

test('what the provider has and nobody approved is not approved once the chain says no', async () => {
  const [from, to] = [await world.holder(1_000n), await world.holder(0n)]
  const { operation, reference, row } = await unapproved(from, to)
  await world.behind('setFrozenTokens', from.address, 1_000n)
  await workOn(services, row)
  expect(await get(operation)).toMatchObject({ state: 'failed', failure: { reason: 'UNFROZEN_BALANCE_TOO_LOW' } })
  expect(await providerState(reference)).toBe('awaiting-approval')
})

test('an approval of ours that got lost is not given again while the chain says no', async () => {
  const [from, to] = [await world.holder(1_000n), await world.holder(0n)]
  const { operation, reference, row } = await unapproved(from, to)
  const submitted = await advance(services, row, {
    to: 'submitted',
    principal: { kind: 'system', name: 'dispatcher' },
    facts: { reference },
    nextAttemptAt: new Date(Date.now() + 30_000),
  })
  await world.behind('setFrozenTokens', from.address, 1_000n)
  await workOn(services, submitted!)
  expect(await providerState(reference)).toBe('awaiting-approval')
  await world.behind('setFrozenTokens', from.address, 0n)
  const again = new Date(Date.now() + 30_000)
  await services.db.updateTable('transaction').set({ next_attempt_at: again }).where('id', '=', row.id).execute()
  await workOn(services, await rowOf(services, row))
  await eventually(async () => expect(await providerState(reference)).toBe('success'))
  expect((await get(operation)).state).toBe('submitted')
  expect(await world.balanceOf(to.address)).toBe(300n)
})

test('a wallet of which it is not known who sends for it moves nothing on a chain that asks', async () => {
  const [from, to] = [await world.holder(100n), await world.holder(0n)]
  const operation = await transfer(from, to, 10n)
  const chain = { ...services.chains.all()[0]!, crossmintSenders: [] }
  const chains = { ...services.chains, get: () => chain }
  await workOn({ ...services, chains }, await claimed(services, operation))
  expect(await get(operation)).toMatchObject({ state: 'refused', failure: { reason: 'SENDER_NOT_NAMED' } })
})

test('a wallet whose key is with its user is not one to transfer from here', async () => {
  const to = await world.holder(0n)
  const [officer] = world.officers
  const [own] = await services.db
    .selectFrom('wallet')
    .select('id')
    .where('user_id', '=', officer.userId)
    .where('kind', '=', 'external')
    .execute()
  const from = { id: own!.id, address: officer.account.address }
  expect(await transfer(from, to).then(() => expect.unreachable('it was accepted'), errorOf)).toMatchObject({
    code: 'NOT_FOUND',
  })
})

test('of two that an issuer wants of one holder the second waits for the first, and is asked about what that left', async () => {
  const holder = await world.holder(1_000n)
  const burn = () => world.client.eerc.burn.mutate({ ...asked(), from: holder.address, amount: 700n })
  const [one, other] = [await burn(), await burn()]
  await approvedBy(world.officers[0], one)
  await approvedBy(world.officers[1], other)
  const row = await claimed(services, one)
  await Promise.all([workOn(services, row), workOn(services, await rowOf(services, { id: other.transactionId }))])
  const states = [(await get(one)).state, (await get(other)).state].sort()
  expect(states).toEqual(['accepted', 'submitted'])
})

test('every trail of what was done is whole', async () => {
  expect((await verifyTrails(services.db)).faults).toEqual([])
})
