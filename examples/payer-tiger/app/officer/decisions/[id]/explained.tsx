'use client'

import { type Explanation, errorOf } from '@provider-service/client'
import { useServiceQuery } from '@provider-service/client/react'
import Link from 'next/link'
import { Answer } from '@/components/asked.tsx'
import { formatAmount } from '@/lib/money.ts'
import { formatMoment } from '@/lib/words.ts'
import { Checks } from '../../checks.tsx'
import { checkSentence, outcomeWord, ruleWord } from '../../words.ts'

const repeats: Record<Explanation['repeated'], string> = {
  same: 'Asked again of what is stored, every rule says the same.',
  in_part: 'Asked again of what is stored, rules that rest on nothing else say the same; others cannot be asked again.',
  different:
    'Asked again of what is stored, a rule says something else now. That should not be: tell whoever runs the service.',
}

/** A decision with everything that it was made on. */
export function Explained({ id }: { id: string }) {
  const explained = useServiceQuery(
    (service) => service.decisions.explain,
    { decisionId: id },
    // unsealed for some seconds after it was made
    { refetchInterval: ({ state }) => (state.data?.audit && state.data.audit.seal === null ? 2_000 : false) },
  )
  if (explained.error && ['NOT_FOUND', 'INVALID_INPUT'].includes(errorOf(explained.error).code))
    return (
      <div className="empty">
        <h1>There is no such decision</h1>
        <p>
          It may be of another shop. <Link href="/officer/decisions">All decisions of this one</Link>
        </p>
      </div>
    )
  return (
    <div className="stack loose">
      <Answer query={explained} what="the decision" lines={8}>
        {(explanation) => <Whole explanation={explanation} />}
      </Answer>
    </div>
  )
}

function Whole({ explanation }: { explanation: Explanation }) {
  const { decision, asset, checks, decidedBy, policy, commitment, audit } = explanation
  const { word, tone } = outcomeWord(decision.outcome)
  const amount = BigInt(decision.subject.amount ?? 0)
  const decisive = checks[decidedBy]
  return (
    <>
      <header className="stack tight">
        <p>
          <Link href="/officer/decisions" className="small">
            All decisions
          </Link>
        </p>
        <div className="row">
          <h1>
            <span className="number">{formatAmount(amount, asset)}</span>
          </h1>
          <span className={`badge ${tone}`}>{word}</span>
        </div>
        {decisive && (
          <p className="lead">
            {decision.outcome === 'allow'
              ? `Every one of ${checks.length} rules was satisfied.`
              : `${ruleWord(decisive.rule)}: ${checkSentence(decisive, decisive.asked, asset, amount)}`}
          </p>
        )}
      </header>

      <section className="card stack" aria-labelledby="about">
        <h2 id="about">What was decided on</h2>
        <dl className="facts">
          <div>
            <dt>When</dt>
            <dd>{formatMoment(decision.createdAt)}</dd>
          </div>
          <div>
            <dt>From</dt>
            <dd className="mono">{decision.subject.payer}</dd>
          </div>
          <div>
            <dt>To</dt>
            <dd className="mono">{decision.subject.recipient}</dd>
          </div>
          <div>
            <dt>Rules of then</dt>
            <dd>
              {policy ? `Version ${policy.version} of the policy` : 'No policy was in force'}, lists as of version{' '}
              {String(decision.listVersion)}
            </dd>
          </div>
          {explanation.paymentId && (
            <div>
              <dt>What became of it</dt>
              <dd>
                <Link href={`/officer/audit/${explanation.paymentId}`}>The trail of its payment</Link>
              </dd>
            </div>
          )}
        </dl>
      </section>

      <section className="card stack" aria-labelledby="rules">
        <h2 id="rules">Every rule, and what it saw</h2>
        <Checks explanation={explanation} only="all" />
        <p className={`note ${explanation.repeated === 'different' ? 'note-bad' : 'note-good'}`}>
          {repeats[explanation.repeated]}
        </p>
      </section>

      <section className="card stack" aria-labelledby="proof">
        <h2 id="proof">What holds it to its word</h2>
        <dl className="facts">
          {commitment && (
            <div>
              <dt>Commitment</dt>
              <dd>
                <span className="mono small">{decision.commitment}</span>
                <br />
                <span className={`badge ${commitment.holds ? 'badge-good' : 'badge-bad'}`}>
                  {commitment.holds ? 'is the hash of what was decided on' : 'is not the hash of what is stored'}
                </span>
              </dd>
            </div>
          )}
          <div>
            <dt>Audit record</dt>
            <dd>
              {audit ? (
                <>
                  <span className="mono small">{audit.leaf.hash}</span>
                  <br />
                  <span className="row tight">
                    <span className={`badge ${audit.agrees ? 'badge-good' : 'badge-bad'}`}>
                      {audit.agrees ? 'says the same as the decision' : 'says something else'}
                    </span>
                    <span className={`badge ${audit.seal ? 'badge-good' : ''}`}>
                      {audit.seal ? `number ${audit.seal.index + 1} of the sealed log` : 'not sealed yet'}
                    </span>
                  </span>
                  <br />
                  <Link href={`/officer/audit/${audit.leaf.stream}`} className="small">
                    Verify it here
                  </Link>
                </>
              ) : (
                'None: it is older than the trail'
              )}
            </dd>
          </div>
        </dl>
        <details>
          <summary className="small">All of it as text</summary>
          <pre className="text-block">{explanation.text}</pre>
        </details>
      </section>
    </>
  )
}
