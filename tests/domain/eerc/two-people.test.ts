import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from '../../../client-sdk/index.ts'
import type { AcceptedOperation } from '../../../server/contract/eerc.ts'
import { expireApproval } from '../../../server/domain/approvals/expire-approval.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { withAdmin } from '../../http/support/rows.ts'
import { type Person, person } from '../../support/people.ts'
import { publish } from '../../support/policies.ts'
import { dataOf, expectRefusal, setRoles } from '../approvals/support/wishes.ts'
import { approvedBy, type Issuer, issuerWorld } from './support/issuer.ts'

let world: Issuer
let asking: Person
beforeAll(async () => {
  world = await issuerWorld({ workers: false })
  asking = await person(world, { roles: ['officer'] })
})
afterAll(() => world[Symbol.asyncDispose]())

const wish = async () => ({
  tokenId: world.token.id,
  to: (await world.holder(0n)).address,
  amount: 50n,
  reason: 'subscribed',
  idempotencyKey: randomUUID(),
})
const mintAs = async (who: Person): Promise<AcceptedOperation> => dataOf(await who.mutate('eerc.mint', await wish()))
const approve = (who: Person, { approvalId }: Pick<AcceptedOperation, 'approvalId'>) =>
  who.mutate('approvals.approve', { approvalId })
const stateOf = async ({ id: operationId }: { id: string }) =>
  (await world.client.eerc.get.query({ operationId })).state

test('whoever asked does not approve it, however they call', async () => {
  const operation = await mintAs(asking)
  expectRefusal(await approve(asking, operation), 'NEEDS_ANOTHER_PERSON')
  expect(await stateOf(operation)).toBe('held')
})

test('whoever made the key that asked does not approve it; somebody else does', async () => {
  const operator = await person(world, { roles: ['operator', 'officer'] })
  const { secret } = dataOf<{ secret: string }>(
    await operator.mutate('apiKeys.create', { name: 'server', idempotencyKey: randomUUID() }),
  )
  const operation = await createClient({ url: world.url, apiKey: secret }).eerc.mint.mutate(await wish())
  expectRefusal(await approve(operator, operation), 'NEEDS_ANOTHER_PERSON')
  expect(await stateOf(operation)).toBe('held')
  await approvedBy(world.officers[0], operation)
  expect(await stateOf(operation)).toBe('accepted')
})

test('an approval is given once: again by the same person it is the same, by another it is closed', async () => {
  const operation = await mintAs(asking)
  const [one, other] = world.officers
  const first = dataOf(await approve(one, operation))
  expect(dataOf(await approve(one, operation))).toEqual(first)
  expectRefusal(await approve(other, operation), 'APPROVAL_CLOSED', { state: 'approved' })
  const { rows } = await world.database.pool.query(
    `select count(*)::int4 as times from event where object_id = $1 and type = 'operation.accepted'`,
    [operation.id],
  )
  expect(rows).toEqual([{ times: 1 }])
})

test('after its time it can no longer be given, and the operation is over', async () => {
  const operation = await mintAs(asking)
  await withAdmin(world.database.adminUrl, (admin) =>
    admin.query(`update approval set expires_at = now() - interval '1 second' where id = $1`, [operation.approvalId]),
  )
  expectRefusal(await approve(world.officers[0], operation), 'APPROVAL_CLOSED', { state: 'expired' })
  expect(await stateOf(operation)).toBe('held')
  await expireApproval(world.built.services, { id: operation.approvalId! })
  expect(await world.client.eerc.get.query({ operationId: operation.id })).toMatchObject({
    state: 'expired',
    failure: { reason: 'APPROVAL_EXPIRED' },
  })
  expectRefusal(await approve(world.officers[0], operation), 'APPROVAL_CLOSED', { state: 'expired' })
})

test('a role that was taken back counts for nothing, of who asked and of who approves', async () => {
  const [former, late] = [await person(world, { roles: ['officer'] }), await person(world, { roles: ['officer'] })]
  const operation = await mintAs(former)
  await setRoles(world, former.userId, [])
  expectRefusal(await approve(world.officers[0], operation), 'REQUEST_VOID')
  await setRoles(world, former.userId, ['officer'])
  await setRoles(world, late.userId, ['auditor'])
  expectRefusal(await approve(late, operation), 'FORBIDDEN')
  expect(await stateOf(operation)).toBe('held')
})

test('what was refused or taken back is not let go by an approval', async () => {
  const [rejected, cancelled] = [await mintAs(asking), await mintAs(asking)]
  const [one, other] = world.officers
  dataOf(await one.mutate('approvals.reject', { approvalId: rejected.approvalId, note: 'not subscribed' }))
  expectRefusal(await approve(other, rejected), 'APPROVAL_CLOSED', { state: 'rejected' })
  expect(await stateOf(rejected)).toBe('refused')
  await world.client.eerc.cancel.mutate({ operationId: cancelled.id })
  expectRefusal(await approve(other, cancelled), 'REQUEST_VOID')
  expect(await stateOf(cancelled)).toBe('cancelled')
})

test('a transfer that the policy wants to have reviewed is let go by an officer, and never by whose wallet it is from', async () => {
  const payer = await person(world, { roles: ['officer'] })
  const [wallet, to] = [await world.holder(1_000n), await world.holder(0n)]
  await world.client.wallets.link.mutate({ walletId: wallet.id, userId: payer.userId })
  await publish(world, { rule: 'threshold', assetId: world.token.assetId, above: 100n, otherwise: 'review' })
  const transfer = (amount: bigint) => ({
    ...{ tokenId: world.token.id, walletId: wallet.id, to: to.address, amount, idempotencyKey: randomUUID() },
  })
  expect(await world.client.eerc.transfer.mutate(transfer(100n))).toMatchObject({ state: 'accepted', approvalId: null })

  const own = dataOf<AcceptedOperation>(await payer.mutate('eerc.transfer', transfer(101n)))
  expect(own).toMatchObject({ state: 'held', requestedBy: `user:${payer.userId}` })
  expectRefusal(await approve(payer, own), 'NEEDS_ANOTHER_PERSON')
  const asked = await world.client.eerc.transfer.mutate(transfer(102n))
  expect(asked.state).toBe('held')
  expectRefusal(await approve(payer, asked), 'NEEDS_ANOTHER_PERSON')
  for (const operation of [own, asked]) {
    await approvedBy(world.officers[0], operation)
    expect(await stateOf(operation)).toBe('accepted')
  }
  await publish(world)
})

// As the application's role, past all of the code. 23514: a second person is missing; 23001: it was written for good.

const missing = { code: '23514' }
const forGood = { code: '23001' }
const run = (text: string, ...values: unknown[]) => world.database.pool.query(text, values)

test('the database lets nothing go that nobody else has approved', async () => {
  const operation = await mintAs(asking)
  const { id, transactionId, approvalId } = operation
  for (const state of ['accepted', 'submitted', 'settled'])
    await expect(run('update eerc_operation set state = $2 where id = $1', id, state)).rejects.toMatchObject(missing)
  for (const state of ['queued', 'submitting', 'submitted', 'confirmed'])
    await expect(run('update transaction set state = $2 where id = $1', transactionId, state)).rejects.toMatchObject(
      missing,
    )
  await expect(run(`update transaction set purpose = 'payment' where id = $1`, transactionId)).rejects.toMatchObject(
    forGood,
  )
  const decide = `update approval set state = 'approved', decided_by = $2, decided_at = now() where id = $1`
  await expect(run(decide, approvalId, operation.requestedBy)).rejects.toMatchObject({
    code: '23514',
    constraint: 'approval_by_another_person',
  })
  await expect(run(decide, approvalId, null)).rejects.toMatchObject({ code: '23514' })
  await expect(
    run(`update approval set requested_by = 'user:another' where id = $1`, approvalId),
  ).rejects.toMatchObject(forGood)
  expect(await stateOf(operation)).toBe('held')
})

test('an approval lets go what it was given for, and no other', async () => {
  const [approved, other] = [await mintAs(asking), await mintAs(asking)]
  await approvedBy(world.officers[0], approved)
  await expect(
    run('update eerc_operation set approval_id = $2 where id = $1', other.id, approved.approvalId),
  ).rejects.toMatchObject(forGood)
  await expect(run('update eerc_operation set approval_id = null where id = $1', other.id)).rejects.toMatchObject(
    forGood,
  )
  for (const change of [
    `update eerc_operation set action = action || '{"amount":"5000"}' where id = $1`,
    `update eerc_operation set type = 'transfer' where id = $1`,
    'update eerc_operation set transaction_id = gen_random_uuid() where id = $1',
  ])
    await expect(run(change, approved.id)).rejects.toMatchObject(forGood)
  for (const change of [
    `update approval set state = 'requested' where id = $1`,
    `update approval set decided_by = 'user:another' where id = $1`,
    `update approval set action = action || '{"operationId":"${other.id}"}' where id = $1`,
  ])
    await expect(run(change, approved.approvalId)).rejects.toMatchObject(forGood)
  expect(await stateOf(other)).toBe('held')
})

test('what is done for an issuer is not written without an approval, nor a transaction without its operation', async () => {
  const operation = await mintAs(asking)
  const insert = (approvalId: string | null, state: string) =>
    copy('eerc_operation', operation.id, {
      id: randomUUID(),
      transaction_id: randomUUID(),
      approval_id: approvalId,
      state,
    })
  await expect(insert(null, 'held')).rejects.toMatchObject({ code: '23514' })
  await expect(insert(randomUUID(), 'accepted')).rejects.toMatchObject(missing)
  const approved = await mintAs(asking)
  await approvedBy(world.officers[0], approved)
  await expect(insert(approved.approvalId, 'accepted')).rejects.toMatchObject({ code: expect.stringMatching(/^23/) })
  await expect(
    copy('transaction', operation.transactionId, { id: randomUUID(), state: 'queued' }),
  ).rejects.toMatchObject(missing)
})

/** Inserts a row like another, but for some columns, as the application's role. */
async function copy(table: 'eerc_operation' | 'transaction', id: string, changes: Record<string, unknown>) {
  const client = new pg.Client({ connectionString: world.database.applicationUrl })
  await client.connect()
  try {
    const { rows } = await client.query(
      `select column_name as name from information_schema.columns where table_name = $1 order by 1`,
      [table],
    )
    const names = rows.map(({ name }) => name as string)
    const values = names.map((name) => {
      const at = Object.keys(changes).indexOf(name)
      return at === -1 ? name : `$${at + 2}`
    })
    return await client.query(
      `insert into ${table} (${names.join()}) select ${values.join()} from ${table} where id = $1`,
      [id, ...Object.values(changes)],
    )
  } finally {
    await client.end()
  }
}

test('every trail of what was done is whole', async () => {
  expect((await verifyTrails(world.built.services.db)).faults).toEqual([])
})
