import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Payment } from '../../../server/contract/entities.ts'
import { eventually } from '../../support/eventually.ts'
import { reached } from '../../support/reached.ts'
import { testWorld, USDC, type World, type WorldOptions } from '../../support/world.ts'
import type { FaultCase } from './fault-cases.ts'

/** Long enough that a busy machine is not taken for a fault. */
const patience = { DEADLINE_MS: '6000', LEASE_MS: '4000', DISBELIEF_MS: '3000' }

interface Met {
  accepted: Payment
  ended: Payment
}

/**
 * Makes a payment for each fault, all at once in one world, and a test of each that asks the chain, the simulator's journal, the
 * log and the audit trail what became of it.
 */
export function runFaultCases(cases: readonly FaultCase[], options: WorldOptions): () => World {
  let world: World
  let runs: Map<FaultCase, Promise<Met>>

  beforeAll(async () => {
    world = await testWorld({ ...options, environment: { ...patience, ...options.environment } })
    const paywall = await world.paywall()
    runs = new Map(cases.map((one) => [one, meet(world, paywall.id, one)]))
    // a failure is told by the test of its case
    await Promise.allSettled(runs.values())
  })
  afterAll(() => world[Symbol.asyncDispose]())

  test.each(cases)('$name: $ends', async (one) => {
    const { accepted, ended } = await runs.get(one)!
    const { payer, paywallId, walletId, id: paymentId } = accepted

    expect(ended.state).toBe(one.ends)
    expect(await world.transfers(payer, USDC)).toBe(one.ends === 'settled' ? 1 : 0)
    const { granted } = await world.client.access.check.query({ paywallId, walletId })
    expect(granted).toBe(one.ends === 'settled')
    if (one.ends === 'failed')
      expect(ended.failure).toEqual({ reason: one.reason, message: expect.any(String), refusal: null })
    if (one.ends === 'settled') expect(ended.failure).toBeNull()

    const alerts = world.log.filter((line) => line.alert === true && line.paymentId === paymentId)
    expect(alerts.map(({ msg }) => msg)).toEqual(one.alerts ? ['a transaction needs attention'] : [])
    expect(await faultsMet(world, one, payer)).toContainEqual([one.fault.mode, one.fault.variant])
  })

  return () => world
}

async function meet(world: World, paywallId: string, one: FaultCase): Promise<Met> {
  const wallet = await world.wallet(5n * USDC)
  const match = one.fault.mode === 'webhook' ? { includes: wallet.address } : { wallet: wallet.address }
  for (const fault of [one.fault, one.also]) if (fault) await world.crossmint.inject({ ...fault, match })
  const accepted = await world.client.payments.create.mutate({
    paywallId,
    walletId: wallet.id,
    idempotencyKey: randomUUID(),
  })
  if (one.released) {
    await reached(world, accepted.id, 'attention')
    const held = (await world.crossmint.transactions()).find(
      ({ onChain }) => onChain.userOperation.sender === wallet.address,
    )
    await world.crossmint.advance(held!.id)
  }
  await reached(world, accepted.id, one.ends)
  return { accepted, ended: await world.until(accepted.id, one.ends) }
}

/** Which faults the simulator's journal shows for this wallet, as mode and variant. */
function faultsMet(world: World, one: FaultCase, wallet: string): Promise<[string, string][]> {
  return eventually(async () => {
    const entries = await world.crossmint.journal({ type: 'fault' })
    // a webhook is of no wallet: its faults are told apart by their variant, which one case has
    const met = entries.filter((entry) =>
      one.fault.mode === 'webhook' ? entry.mode === 'webhook' : entry.wallet === wallet,
    )
    if (met.length === 0) throw new Error(`${one.name} did not happen`)
    return met.map(({ mode, variant }): [string, string] => [mode, variant])
  }, 3_000)
}
