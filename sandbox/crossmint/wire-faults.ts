import type { Answer } from './endpoints.ts'
import type { FaultFacts, Faults } from './faults.ts'

/** What reaches the caller: an answer, a cut connection, or nothing for a while and then a cut connection. */
export type Outcome =
  | { kind: 'answer'; status: number; body: unknown; html?: string; headers?: Record<string, string> }
  | { kind: 'drop' }
  | { kind: 'hang'; delay: number }

export interface Disturbance {
  outcome: Outcome
  mode: string
}

const creations = ['createTransaction', 'transferToken', 'createWallet', 'createSignature']
const html =
  '<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>'

/** Faults that keep a request from being processed at all. */
export function disturbBefore(faults: Faults, facts: FaultFacts): Disturbance | null {
  const limited = faults.take('F10', facts)
  if (limited) {
    const headers = limited.variant === 'retry-after' ? { 'retry-after': '1' } : undefined
    const body = { error: true, message: 'Too many requests' }
    return { mode: 'F10', outcome: { kind: 'answer', status: 429, body, ...(headers && { headers }) } }
  }
  if (isCreation(facts)) {
    const lost = faults.take('F2', facts)
    if (lost) return { mode: 'F2', outcome: unanswered(lost.variant, lost.delay) }
  }
  if (facts.endpoint === 'approveTransaction') {
    const refused = faults.take('F4', facts, ['409-not-done', '422-not-done'])
    if (refused) return { mode: 'F4', outcome: refusedApproval(refused.variant) }
  }
  return null
}

/** Faults that lose the answer of what was processed. */
export function disturbAfter(faults: Faults, facts: FaultFacts, answer: Answer): Disturbance | null {
  if (answer.status >= 300) return null
  if (isCreation(facts)) {
    const lost = faults.take('F1', facts)
    if (lost?.variant === 'no-id') {
      const { id: _, address: __, ...body } = answer.body as Record<string, unknown>
      return { mode: 'F1', outcome: { kind: 'answer', status: answer.status, body } }
    }
    if (lost) return { mode: 'F1', outcome: unanswered(lost.variant, lost.delay) }
  }
  if (facts.endpoint === 'approveTransaction') {
    const lost = faults.take('F3', facts)
    if (lost) return { mode: 'F3', outcome: unanswered(lost.variant, lost.delay) }
    const refused = faults.take('F4', facts, ['409', '422'])
    if (refused) return { mode: 'F4', outcome: refusedApproval(refused.variant) }
  }
  return null
}

/** Faults that make an answer look different from what we mean. Returns the modes that did. */
export function disguise(faults: Faults, facts: FaultFacts, answer: Answer): string[] {
  if (answer.status >= 300 || typeof answer.body !== 'object' || answer.body === null) return []
  const modes: string[] = []
  if (facts.endpoint === 'getTransaction' && faults.take('F11', facts)) {
    answer.body = before(answer.body as Record<string, unknown>)
    modes.push('F11')
  }
  const odd = faults.take('F13', facts)
  if (odd) {
    answer.body = oddLooking(odd.variant, answer.body)
    modes.push('F13')
  }
  return modes
}

function isCreation(facts: FaultFacts): boolean {
  return creations.includes(facts.endpoint ?? '')
}

function unanswered(variant: 'drop' | '500' | 'html-502' | 'timeout', delay: number): Outcome {
  if (variant === 'drop') return { kind: 'drop' }
  if (variant === 'timeout') return { kind: 'hang', delay }
  if (variant === 'html-502') return { kind: 'answer', status: 502, body: html, html }
  return { kind: 'answer', status: 500, body: { error: true, message: 'Internal server error' } }
}

function refusedApproval(variant: string): Outcome {
  const [status, message] = variant.startsWith('409')
    ? [409, 'This signer has already submitted an approval']
    : [422, 'Already has the required number of approvals']
  return { kind: 'answer', status: status as number, body: { error: true, message } }
}

/** The same transaction one step earlier. */
function before(body: Record<string, unknown>): Record<string, unknown> {
  const { completedAt: _, error: __, ...rest } = body
  const { txId, explorerLink: ___, ...onChain } = body.onChain as Record<string, unknown>
  if (body.status === 'pending' && txId === undefined) {
    const approvals = body.approvals as { submitted: { signer: unknown; message: unknown }[] }
    const pending = approvals.submitted.map(({ signer, message }) => ({ signer, message }))
    return { ...rest, status: 'awaiting-approval', approvals: { ...approvals, pending, submitted: [] } }
  }
  return { ...rest, status: body.status === 'awaiting-approval' ? body.status : 'pending', onChain }
}

function oddLooking(variant: 'numeric-times' | 'extra-fields' | 'null-tx-id', body: unknown): unknown {
  const text = JSON.stringify(body)
  if (variant === 'numeric-times') {
    return JSON.parse(text, (key, value) => (/At$/.test(key) && typeof value === 'string' ? Date.parse(value) : value))
  }
  const copy = JSON.parse(text)
  if (variant === 'extra-fields') {
    return { ...copy, somethingNew: { nested: [1, 'two', null] }, anotherFlag: true }
  }
  if (copy.onChain && copy.onChain.txId === undefined)
    copy.onChain = { ...copy.onChain, txId: null, explorerLink: null }
  return copy
}
