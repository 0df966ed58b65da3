import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ProviderError } from '../../../server/gateways/wallet-provider.ts'
import { submission, transactionAnswer } from './support/answers.ts'
import { gatewayTo } from './support/gateway.ts'
import { type PeerAnswer, type PeerRequest, startPeer } from './support/peer.ts'

const troubles = [
  'none',
  'lost on the way', // not done, no answer
  'answer lost', // done, no answer
  'broken after', // done, 500
  'balancer', // not done, HTML
  'no id', // done, an answer that cannot be used
  'slow down', // not done, 429
  'crash', // done, and our process dies before the answer
] as const
type Trouble = (typeof troubles)[number]

/** Crossmint in twenty lines: transactions by key, one approval each; the troubles are used up one a request. */
function createModel(remaining: Trouble[], crash: () => void) {
  const transactions = new Map<string, ReturnType<typeof transactionAnswer>>()
  const signatures: unknown[] = []
  let takenApprovals = 0

  function carryOut({ body, headers, method, path }: PeerRequest): PeerAnswer {
    const [, id, approvals] = /\/transactions(?:\/([^/]+))?(\/approvals)?$/.exec(path)!
    if (method === 'POST' && !id) {
      const key = `${headers['x-idempotency-key']}`
      if (!transactions.has(key)) transactions.set(key, transactionAnswer({ id: `transaction-${transactions.size}` }))
      return { status: 201, body: transactions.get(key) }
    }
    const [key, transaction] = [...transactions].find(([, { id: known }]) => known === id)!
    if (!approvals) return { status: 200, body: transaction }
    signatures.push(body)
    if (transaction.status !== 'awaiting-approval') {
      return { status: 422, body: { error: true, message: 'Already has the required number of approvals' } }
    }
    takenApprovals++
    transactions.set(key, transactionAnswer({ id: id!, status: 'pending' }))
    return { status: 201, body: transactions.get(key) }
  }

  function answer(request: PeerRequest): PeerAnswer {
    const trouble = remaining.shift() ?? 'none'
    if (trouble === 'lost on the way') return 'drop'
    if (trouble === 'balancer') return { status: 502, text: '<html>' }
    if (trouble === 'slow down') return { status: 429, text: '', headers: { 'retry-after': '1' } }
    const done = carryOut(request)
    if (trouble === 'answer lost') return 'drop'
    if (trouble === 'broken after') return { status: 500, body: { error: true, message: 'Internal' } }
    if (trouble === 'no id') return { status: 201, body: { ...(done as { body: object }).body, id: undefined } }
    if (trouble === 'crash') {
      crash()
      return 'hang'
    }
    return done
  }

  return { answer, transactions, signatures, takenApprovals: () => takenApprovals }
}

test('whatever is lost and wherever we crash, repeating the submission makes one transaction and one approval', async () => {
  let answer: (request: PeerRequest) => PeerAnswer
  await using peer = await startPeer((request) => answer(request))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...troubles), { maxLength: 25 }), async (trouble) => {
      const remaining = [...trouble]
      let process = new AbortController()
      const model = createModel(remaining, () => process.abort())
      answer = model.answer
      let state: string | null = null
      for (let life = 0; state !== 'pending' && life <= trouble.length + 1; life++) {
        process = new AbortController()
        const before = model.takenApprovals()
        try {
          state = (await gatewayTo(peer, { signal: process.signal }).submit(submission)).state
        } catch (error) {
          if (!(error instanceof ProviderError)) throw error
          expect(['unknown', 'unavailable']).toContain(error.outcome)
          if (error.outcome === 'unavailable') expect(model.takenApprovals()).toBe(before)
        }
      }

      expect(state).toBe('pending')
      expect(model.transactions.size).toBe(1)
      expect(model.takenApprovals()).toBe(1)
      expect(new Set(model.signatures.map((body) => JSON.stringify(body))).size).toBe(1)
    }),
    { numRuns: 300 },
  )
})
