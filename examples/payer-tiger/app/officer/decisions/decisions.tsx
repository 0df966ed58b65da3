'use client'

import type { Decision } from '@provider-service/client'
import { useServiceQuery } from '@provider-service/client/react'
import Link from 'next/link'
import { useState } from 'react'
import { AnswerPages } from '@/components/asked.tsx'
import { formatAmount } from '@/lib/money.ts'
import { usePages } from '@/lib/pages.ts'
import { formatMoment, short } from '@/lib/words.ts'
import { outcomeWord, ruleWord } from '../words.ts'

type Outcome = Decision['outcome'] | 'all'

const choices: [Outcome, string][] = [
  ['all', 'All'],
  ['deny', 'Refused'],
  ['review', 'For an officer'],
  ['allow', 'Allowed'],
]

/** What compliance said to every movement of value, newest first. */
export function Decisions() {
  const [outcome, setOutcome] = useState<Outcome>('all')
  const assets = useServiceQuery((service) => service.assets.list, { limit: 100 }, { staleTime: 600_000 })
  const units = new Map(assets.data?.items.map((asset) => [asset.id, asset]))
  const decisions = usePages((service) => service.decisions.list, outcome === 'all' ? {} : { outcome })
  return (
    <div className="stack">
      <header className="row row-apart">
        <div className="stack tight">
          <h1>Decisions</h1>
          <p className="soft">What compliance said to every payment, and all of why.</p>
        </div>
        <fieldset className="switch">
          <legend className="visually-hidden">Which decisions</legend>
          {choices.map(([value, name]) => (
            <label key={value}>
              <input type="radio" name="outcome" checked={outcome === value} onChange={() => setOutcome(value)} />
              <span>{name}</span>
            </label>
          ))}
        </fieldset>
      </header>
      <AnswerPages
        query={decisions}
        what="the decisions"
        empty={
          <div className="empty">
            <h2>No such decision</h2>
            <p>As soon as somebody pays, what the rules say to it is kept here for good.</p>
          </div>
        }
      >
        {(items) => (
          <ul className="rows">
            {items.map(({ id, outcome, subject, checks, createdAt }) => {
              const { word, tone } = outcomeWord(outcome)
              const unit = units.get(subject.asset ?? '')
              const decisive = checks.find((check) => check.outcome === outcome && outcome !== 'allow')
              return (
                <li key={id}>
                  <Link href={`/officer/decisions/${id}`} className="row-link">
                    <span className={`badge ${tone}`}>{word}</span>
                    <strong className="number">
                      {unit ? formatAmount(BigInt(subject.amount ?? 0), unit) : 'A payment'}
                    </strong>
                    <span className="small soft">
                      <span className="mono">{short(subject.payer ?? '')}</span> to{' '}
                      <span className="mono">{short(subject.recipient ?? '')}</span>
                    </span>
                    <span className="small">
                      {decisive ? ruleWord(decisive.rule) : `${checks.length} rules satisfied`}
                    </span>
                    <span className="tiny soft">{formatMoment(createdAt)}</span>
                  </Link>
                </li>
              )
            })}
          </ul>
        )}
      </AnswerPages>
    </div>
  )
}
