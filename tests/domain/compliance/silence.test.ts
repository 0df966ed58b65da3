import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { TransactionRow } from '../../../db/schema.ts'
import type { Payment } from '../../../server/contract/entities.ts'
import { SHARDS } from '../../../server/domain/shard.ts'
import { advance } from '../../../server/domain/transactions/advance.ts'
import { claimDue } from '../../../server/domain/transactions/claim-due.ts'
import { transactionColumns } from '../../../server/domain/transactions/columns.ts'
import { rescreen } from '../../../server/domain/transactions/rescreen.ts'
import { workOn } from '../../../server/domain/transactions/work.ts'
import type { Services } from '../../../server/services.ts'
import { publish } from '../../support/policies.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
let services: Services
beforeAll(async () => {
  world = await testWorld({
    workers: false,
    attestations: true,
    environment: { ATTESTATION_KEEP_MS: '1', DEADLINE_MS: '60000', LEASE_MS: '30000' },
  })
  services = world.built.services
  await publish(world, {
    rule: 'kyc',
    parties: ['payer'],
    level: 2,
    maxAgeDays: null,
    otherwise: 'deny',
    unanswered: 'deny',
  })
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(() => world.chainsettle().reset())

/** A payment that was accepted, claimed to be worked on. */
async function claimed(): Promise<{ payment: Payment; row: TransactionRow }> {
  const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet()])
  await world.chainsettle().attest(wallet.address)
  const payment = await world.client.payments.create.mutate({
    paywallId: paywall.id,
    walletId: wallet.id,
    idempotencyKey: randomUUID(),
  })
  const rows = await Promise.all(Array.from({ length: SHARDS }, (_, shard) => claimDue(services, shard, 100)))
  return { payment, row: rows.flat().find(({ id }) => id === payment.transactionId)! }
}

const rowOf = ({ id }: TransactionRow): Promise<TransactionRow> =>
  services.db.selectFrom('transaction').select(transactionColumns).where('id', '=', id).executeTakeFirstOrThrow()
const silence = () => world.chainsettle().inject({ mode: 'down' })
const impatient = (): Services => ({ ...services, patience: { ...services.patience, deadline: -1 } })
const asked = async ({ id }: TransactionRow) =>
  (await world.crossmint.journal({ type: 'exchange' })).some(({ idempotencyKey }) => idempotencyKey === id)

test('who attests is silent for a moment: what was accepted waits, is not handed over, and goes on when it answers', async () => {
  const { payment, row } = await claimed()
  await silence()
  await workOn(services, row)
  const waiting = await rowOf(row)
  expect(waiting.state).toBe('queued')
  expect(waiting.next_attempt_at!.getTime()).toBeGreaterThan(Date.now() - 1_000)
  expect(await rescreen(services, [waiting])).toBe(1)
  expect((await rowOf(row)).state).toBe('queued')
  expect(await asked(row)).toBe(false)

  await world.chainsettle().clear()
  await workOn(services, await rowOf(row))
  expect((await rowOf(row)).state).toBe('submitted')
  expect(await asked(row)).toBe(true)
  expect((await world.client.payments.get.query({ paymentId: payment.id })).failure).toBeNull()
})

test('silent for longer than anybody waits: it is refused, and the payer is told that nobody answered', async () => {
  const { payment, row } = await claimed()
  await silence()
  await workOn(impatient(), row)
  expect(await world.client.payments.get.query({ paymentId: payment.id })).toMatchObject({
    state: 'refused',
    failure: { reason: 'KYC_UNANSWERED', refusal: { checks: [{ rule: 'kyc', remedy: expect.any(String) }] } },
  })
  expect(await asked(row)).toBe(false)
})

test('silent while it is being handed over: it is not approved, and nothing is failed before its time', async () => {
  const { payment, row } = await claimed()
  const submitting = await advance(services, row, {
    to: 'submitting',
    principal: { kind: 'system', name: 'dispatcher' },
    facts: { submitting_since: services.clock.now() },
    nextAttemptAt: new Date(Date.now() + 30_000),
  })
  await silence()
  await workOn(services, submitting!)
  const waiting = await rowOf(row)
  expect(waiting).toMatchObject({ state: 'submitting', failure_reason: 'KYC_UNANSWERED', refusal_id: null })
  expect(await asked(row)).toBe(false)

  await workOn(impatient(), waiting)
  expect(await rowOf(row)).toMatchObject({ state: 'failed', refusal_id: expect.any(String) })
  const failed = await world.client.payments.get.query({ paymentId: payment.id })
  expect(failed).toMatchObject({
    state: 'failed',
    failure: { reason: 'KYC_UNANSWERED', refusal: { policyVersion: 1 } },
  })
})
