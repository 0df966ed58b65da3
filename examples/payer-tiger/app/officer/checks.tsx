import type { Explanation } from '@provider-service/client'
import Link from 'next/link'
import { checkSentence, outcomeWord, ruleWord } from './words.ts'

/** What each rule found, strictest first as they are given. */
export function Checks({ explanation, only }: { explanation: Explanation; only: 'unsatisfied' | 'all' }) {
  const { checks, asset, decision } = explanation
  const amount = BigInt(decision.subject.amount ?? 0)
  const shown = only === 'all' ? checks : checks.filter(({ outcome }) => outcome !== 'allow')
  return (
    <ul className="checks">
      {shown.map((check, index) => {
        const { word, tone } = outcomeWord(check.outcome)
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule may be asked twice, and their order never changes
          <li key={index} className="check">
            <span className="row tight">
              <strong>{ruleWord(check.rule)}</strong>
              <span className={`badge ${tone}`}>{word}</span>
            </span>
            <span>{checkSentence(check, check.asked, asset, amount)}</span>
            {check.remedy && <span className="soft small">{check.remedy}</span>}
            {only === 'all' && (
              <span className="tiny soft">
                <span className="mono">{check.code}</span>
                {check.evidence && <> · rests on {check.evidence}</>}
                {check.repeated === true && ' · asked again of what is stored: the same'}
                {check.repeated === false && ' · asked again of what is stored: different'}
              </span>
            )}
            {only === 'all' &&
              check.entries.map((entry) => (
                <span key={entry.id} className="tiny soft break">
                  Found on “{entry.list}”: {entry.subject}, {entry.reason} (from {entry.source})
                  {entry.removedAt && ', since taken off'}
                </span>
              ))}
          </li>
        )
      })}
    </ul>
  )
}

/** A way to all that a decision was made on. */
export function DecisionLink({ id, children = 'The whole decision' }: { id: string; children?: React.ReactNode }) {
  return (
    <Link href={`/officer/decisions/${id}`} className="small">
      {children}
    </Link>
  )
}
