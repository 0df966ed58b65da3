'use client'

import { useState } from 'react'
import { AnswerPages } from '@/components/asked.tsx'
import { useSurroundings } from '@/components/providers.tsx'
import { usePages } from '@/lib/pages.ts'
import { ReviewCard } from './review-card.tsx'

const queues = [
  { name: 'open', word: 'Open' },
  { name: 'mine', word: 'Mine' },
  { name: 'all', word: 'All' },
] as const

type Queue = (typeof queues)[number]['name']

/** Payments that wait for an officer, and those that did. */
export function Reviews() {
  const { user } = useSurroundings()
  const isOfficer = user?.roles.includes('officer') ?? false
  const [queue, setQueue] = useState<Queue>('open')
  const reviews = usePages((service) => service.reviews.list, {
    mine: queue === 'mine',
    ...(queue !== 'all' && { state: 'open' as const }),
  })
  return (
    <div className="stack">
      <header className="row row-apart">
        <div className="stack tight">
          <h1>Reviews</h1>
          <p className="soft">
            Payments that the policy lets nobody pass alone. Nothing is signed before an officer has decided.
          </p>
        </div>
        <fieldset className="switch">
          <legend className="visually-hidden">Which reviews</legend>
          {queues
            .filter(({ name }) => name !== 'mine' || isOfficer)
            .map(({ name, word }) => (
              <label key={name}>
                <input type="radio" name="queue" checked={queue === name} onChange={() => setQueue(name)} />
                <span>{word}</span>
              </label>
            ))}
        </fieldset>
      </header>
      {!isOfficer && <p className="note">You may look at reviews. Deciding on them is for compliance officers.</p>}
      <AnswerPages
        query={reviews}
        what="the reviews"
        empty={
          <div className="empty">
            <h2>{queue === 'mine' ? 'You have taken none' : 'Nothing waits'}</h2>
            <p>
              {queue === 'mine'
                ? 'Take one from the open ones, and the others know that you look at it.'
                : 'No payment needs an officer right now. The next one shows up here by itself.'}
            </p>
          </div>
        }
      >
        {(items) => (
          <ul className="stack">
            {items.map((review) => (
              <li key={review.id}>
                <ReviewCard review={review} mayDecide={isOfficer} />
              </li>
            ))}
          </ul>
        )}
      </AnswerPages>
    </div>
  )
}
