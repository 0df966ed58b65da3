import { expect, test } from 'vitest'
import { surviveCrashes } from './survive-crashes.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))

// the whole of it is a leg of the soak
const PAYMENTS = 120
const KILLS = 2

test(`${PAYMENTS} payments over ${KILLS} kills: none is paid twice, none that was accepted is lost`, {
  timeout: 120_000,
}, async () => {
  await using stack = new AsyncDisposableStack()
  const told: string[] = [`SEED=${seed} repeats the kills`]

  const { chain, states, duplicates, audit, kills } = await surviveCrashes(
    {
      payments: PAYMENTS,
      kills: KILLS,
      wallets: 100,
      clients: 60,
      seed,
      patience: 30_000,
      durable: false,
      say: (line) => told.push(line),
    },
    stack,
  )

  const story = told.join('\n')
  expect(kills, story).toBe(KILLS)
  expect(chain.doubled, story).toEqual([])
  expect(chain.lost, story).toEqual([])
  expect(chain.paidThoughRefused, story).toEqual([])
  expect(chain.strange, story).toEqual([])
  expect(chain.refused, story).toBe(0)
  expect(chain.answered, story).toBeGreaterThan(PAYMENTS * 0.8)
  expect(chain.transfers, story).toBe(chain.answered + chain.paidUnanswered)
  // the service's own view is the chain's
  expect(states, story).toEqual({ settled: chain.transfers })
  expect(duplicates, story).toBe(0)
  expect(audit, story).toEqual({ says: expect.stringContaining(', 0 faults'), ok: true })
})
