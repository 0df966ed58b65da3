import { expect, test } from 'vitest'
import { faultCases } from './support/fault-cases.ts'
import { runFaultCases } from './support/run-fault-cases.ts'

// whatever Crossmint does not document, the other way round; and no webhook and no watched block hints at anything, so that
// every outcome is found by asking
const world = runFaultCases(faultCases, {
  environment: { BLOCK_INTERVAL_MS: '3600000' },
  crossmint: {
    webhook: { url: 'http://127.0.0.1:9', secret: 'whsec_bm9ib2R5' },
    relayer: { broadcastDelay: 250, confirmations: 2 },
    behaviour: {
      idempotencyMismatch: 'reject',
      cacheRefusals: true,
      nonces: 'lanes',
      wrongSignature: 'fail',
      repeatedApproval: 409,
      retryAfter: true,
    },
  },
})

test('no webhook arrived', async () => {
  expect(await world().built.services.db.selectFrom('webhook_inbox').select('event_id').execute()).toEqual([])
})
