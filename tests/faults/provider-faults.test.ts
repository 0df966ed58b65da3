import { expect, test } from 'vitest'
import { verifyTrails } from '../../server/domain/audit/verify-trails.ts'
import { faultCases, webhookCases } from './support/fault-cases.ts'
import { runFaultCases } from './support/run-fault-cases.ts'

/** Crossmint's broadcast is slow enough for its own view to be asked as well, not the chain alone. */
const world = runFaultCases([...faultCases, ...webhookCases], { crossmint: { relayer: { broadcastDelay: 250 } } })

test('the metrics count who needs attention, and nobody else is unfinished', async () => {
  const attention = faultCases.filter(({ ends }) => ends === 'attention').length

  const metrics = await (await fetch(`${world().url}/metrics`)).text()

  expect(metrics).toContain(`payments{state="attention"} ${attention}\n`)
  expect(metrics).toContain('payments{state="accepted"} 0\n')
  expect(metrics).toContain('payments{state="submitted"} 0\n')
})

test('every state change left its audit leaf, and the trails hold', async () => {
  const { built } = world()

  const { faults, leaves } = await verifyTrails(built.services.db)

  expect(faults).toEqual([])
  expect(leaves).toBeGreaterThan(4 * faultCases.length)
})
