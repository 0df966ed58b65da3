import type { Check } from '../../contract/entities.ts'
import { DomainError } from '../domain-error.ts'

/**
 * The error of what compliance does not let somebody pay who has not signed in. Which rule, and what would satisfy it: why somebody is on a
 * list and how much others have paid is not for everybody.
 */
export function refusedOutsider(checks: readonly Check[], details: Record<string, unknown> = {}): DomainError {
  const against = checks.filter(({ outcome }) => outcome !== 'allow')
  const rules = new Intl.ListFormat('en').format(against.map(({ rule }) => rule))
  const message = against.some(({ outcome }) => outcome === 'deny')
    ? `Compliance does not allow this payment: ${rules}.`
    : `A compliance officer would have to look at this payment first: ${rules}. Sign in to the app and pay there.`
  return new DomainError('REFUSED_BY_COMPLIANCE', message, { ...details, checks: against.map(toldToAnybody) })
}

function toldToAnybody({ rule, outcome, code, remedy }: Check) {
  const counts = rule === 'limit' || rule === 'velocity'
  return { rule, outcome, code, remedy: counts ? 'Wait, or sign in to the app, which says more.' : remedy }
}
