import type { FaultMode, FaultSpec } from '../../../sandbox/crossmint/control.ts'
import type { FaultVariant } from '../../../sandbox/crossmint/faults.ts'

/** One way of the provider to misbehave, and how a payment that meets it must end. */
export interface FaultCase {
  name: string
  fault: FaultSpec
  /** A second fault, which makes sure that the payment meets the first. */
  also?: FaultSpec
  ends: 'settled' | 'failed' | 'attention'
  /** The provider's reason that a failed payment must carry. */
  reason?: string
  /** Whether a person is called on the way. */
  alerts: boolean
  /** What happens once a person was called: the provider lets go on what it held. */
  released?: boolean
}

type Expectation = Partial<Omit<FaultCase, 'name' | 'fault'>> & { count?: number; delay?: number }

function when<Mode extends FaultMode>(
  mode: Mode,
  variant: FaultVariant<Mode>,
  { count, delay, ...expected }: Expectation = {},
): FaultCase {
  const fault = { mode, variant, ...(count && { count }), ...(delay && { delay }) } as FaultSpec
  const name = `${mode} ${variant}${count === ALWAYS ? ', every time' : ''}`
  return { name, fault, ends: 'settled', alerts: expected.ends === 'attention', ...expected }
}

const ALWAYS = 1_000

/** Every fault of the provider, each variant of it, once and, where it makes a difference, without end. */
export const faultCases: readonly FaultCase[] = [
  when('F1', 'drop'),
  when('F1', '500'),
  when('F1', 'html-502'),
  when('F1', 'no-id'),
  when('F1', 'timeout'),
  when('F1', 'drop', { count: ALWAYS, ends: 'attention' }),
  when('F2', 'timeout'),
  when('F2', 'drop'),
  when('F2', '500'),
  when('F2', 'html-502'),
  when('F2', '500', { count: ALWAYS, ends: 'attention' }),
  when('F3', '500'),
  when('F3', 'html-502'),
  when('F3', 'drop'),
  when('F3', 'timeout'),
  when('F3', 'drop', { count: ALWAYS }),
  when('F4', '409'),
  when('F4', '422'),
  when('F4', '409-not-done'),
  when('F4', '422-not-done'),
  when('F4', '409-not-done', { count: ALWAYS, ends: 'attention' }),
  when('F5', 'counted', { alerts: true, released: true }),
  when('F5', 'ignored'),
  when('F6', 'not-sent', { alerts: true, released: true }),
  when('F6', 'late', { delay: 7_000, alerts: true }),
  when('F6', 'silent'),
  when('F7', 'build_failed', { ends: 'failed', reason: 'build_failed' }),
  when('F7', 'failed_to_land_on_chain', { ends: 'failed', reason: 'failed_to_land_on_chain' }),
  when('F7', 'sanctioned_wallet_address', { ends: 'failed', reason: 'sanctioned_wallet_address' }),
  when('F7', 'unknown', { ends: 'failed', reason: 'unknown' }),
  when('F7', 'landed'),
  when('F8', 'blocked', { ends: 'failed', reason: 'execution_reverted' }),
  when('F9', 'corrupt-signature', { ends: 'failed', reason: 'execution_reverted' }),
  when('F11', 'stale', { count: 2, also: { mode: 'F6', variant: 'late', delay: 1_500 } }),
  when('F13', 'numeric-times', { count: 20 }),
  when('F13', 'extra-fields', { count: 20 }),
  when('F13', 'null-tx-id', { count: 20 }),
  when('F14', 'immediate'),
]

/** What may happen to webhooks on their way. */
export const webhookCases: readonly FaultCase[] = [
  when('webhook', 'duplicate'),
  when('webhook', 'reorder', { delay: 500 }),
  when('webhook', 'delay', { delay: 1_000 }),
  when('webhook', 'old-timestamp'),
  when('webhook', 'wrong-signature'),
  when('webhook', 'loss', { count: ALWAYS }),
]

/** Crossmint limits a project, so that whoever is limited stops everybody: these need a world each. */
export const rateLimitCases: readonly FaultCase[] = [
  when('F10', 'burst', { count: 3 }),
  when('F10', 'retry-after', { count: 2 }),
  when('F10', 'burst', { count: ALWAYS, ends: 'attention' }),
]
