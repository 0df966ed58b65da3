import { describe } from 'vitest'
import { rateLimitCases } from './support/fault-cases.ts'
import { runFaultCases } from './support/run-fault-cases.ts'

// calls that wait for their turn last longer than a claim
describe.each(rateLimitCases)('with $name', (one) => {
  runFaultCases([one], { environment: { DEADLINE_MS: one.ends === 'attention' ? '2000' : '20000', LEASE_MS: '1000' } })
})
