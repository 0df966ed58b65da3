'use client'

import { type Check, isProviderError, type Payment } from '@provider-service/client'
import { sentenceFor } from '@/lib/sentences.ts'

/** What a rule is called for somebody who has never heard of it. */
const ruleNames: Record<string, string> = {
  'deny-list': 'This wallet is on a list of the shop',
  sanctions: 'A sanctions list',
  'allow-list': 'Only invited wallets',
  kyc: 'Who you are',
  jurisdiction: 'Where you are',
  threshold: 'A large amount',
  limit: 'How much one wallet spends',
  velocity: 'Many payments in a short time',
  recipients: 'Who is paid',
  assets: 'What is paid with',
}

/** Says why a payment was not, or would not be, accepted, and what would change that. */
export function Refused({
  error,
  payment,
  checks: known,
  beforehand = false,
}: {
  error?: unknown
  payment?: Payment | null
  checks?: readonly Check[]
  /** It was not tried: this is what it would meet. */
  beforehand?: boolean
}) {
  const checks = (known ?? checksOf(error, payment)).filter(({ outcome }) => outcome !== 'allow')
  return (
    <div className="refused" role="alert">
      <h3>{beforehand ? 'This wallet cannot pay here' : 'The payment was refused'}</h3>
      <p className="soft small">
        {beforehand ? 'The rules of the shop would refuse it:' : 'Nothing was paid and nothing will be.'}
      </p>
      {checks.length === 0 ? (
        <p>{payment?.failure?.message ?? sentenceFor(error)}</p>
      ) : (
        <ul className="stack">
          {checks.map((check) => (
            <li key={`${check.rule} ${check.code}`} className="refused-rule">
              <strong>{ruleNames[check.rule] ?? check.rule}</strong>
              <p>{plain(check.message)}</p>
              {check.remedy && (
                <p className="refused-remedy">
                  <span className="eyebrow">What would help</span>
                  {check.remedy}
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** The service names people by their ids, which nobody knows their own of. */
const plain = (message: string) =>
  message.replaceAll(/The payer (?:user|wallet):[\da-f-]{36}/g, 'The payer (that is you)')

/** The rules that were not met, from wherever they were told. */
function checksOf(error: unknown, payment: Payment | null | undefined): readonly Check[] {
  if (payment?.failure?.refusal) return payment.failure.refusal.checks
  return isProviderError(error, 'REFUSED_BY_COMPLIANCE') ? error.details.checks : []
}
