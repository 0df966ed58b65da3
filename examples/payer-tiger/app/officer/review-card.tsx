'use client'

import type { Review } from '@provider-service/client'
import { errorOf } from '@provider-service/client'
import { keyOf } from '@provider-service/client/react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { Answer } from '@/components/asked.tsx'
import { useSurroundings } from '@/components/providers.tsx'
import { formatAmount } from '@/lib/money.ts'
import { sentenceFor } from '@/lib/sentences.ts'
import { formatMoment, short } from '@/lib/words.ts'
import { Actor } from './actor.tsx'
import { Checks, DecisionLink } from './checks.tsx'

const states: Record<Review['state'], { word: string; tone: string }> = {
  open: { word: 'Open', tone: 'badge-warn' },
  approved: { word: 'Approved', tone: 'badge-good' },
  denied: { word: 'Denied', tone: 'badge-bad' },
  expired: { word: 'Nobody decided in time', tone: '' },
  obsolete: { word: 'Not needed any more', tone: '' },
}

/** A held payment: who wants what, why it waits, and what an officer can do about it. */
export function ReviewCard({ review, mayDecide }: { review: Review; mayDecide: boolean }) {
  const { client } = useSurroundings()
  const titleId = useId()
  const about = useQuery({
    queryKey: [...keyOf((service) => service.reviews.get, { reviewId: review.id }), 'about'],
    queryFn: async ({ signal }) => {
      const [payment, explanation] = await Promise.all([
        client.payments.get.query({ paymentId: review.paymentId }, { signal }),
        client.decisions.explain.query({ decisionId: review.decisionId }, { signal }),
      ])
      const [paywall, wallet] = await Promise.all([
        client.paywalls.get.query({ paywallId: payment.paywallId }, { signal }),
        client.wallets.get.query({ walletId: payment.walletId }, { signal }),
      ])
      return { payment, explanation, paywall, wallet }
    },
    retry: false,
  })
  const { word, tone } = states[review.state]
  return (
    <article className="card stack" aria-labelledby={titleId}>
      <Answer query={about} what="the payment" lines={4}>
        {({ payment, explanation, paywall, wallet }) => (
          <>
            <div className="row row-apart">
              <h2 id={titleId} className="review-title">
                <span className="number">{formatAmount(payment.amount, explanation.asset)}</span> for “{paywall.title}”
              </h2>
              <span className={`badge ${tone}`}>{word}</span>
            </div>
            <dl className="facts">
              <div>
                <dt>Asked for by</dt>
                <dd>
                  <Actor actor={review.requestedBy} />, {formatMoment(review.createdAt)}
                </dd>
              </div>
              <div>
                <dt>Paid from</dt>
                <dd>
                  <span className="mono" title={payment.payer}>
                    {short(payment.payer)}
                  </span>
                  , {wallet.kind === 'external' ? 'their own wallet' : 'a wallet that is kept for them'}
                </dd>
              </div>
              <div>
                <dt>Paid to</dt>
                <dd className="mono" title={payment.recipient}>
                  {short(payment.recipient)}
                </dd>
              </div>
              {review.assignedTo && review.state === 'open' && (
                <div>
                  <dt>Looked at by</dt>
                  <dd>
                    <Actor actor={review.assignedTo} />
                  </dd>
                </div>
              )}
              {review.decidedBy && review.decidedAt && (
                <div>
                  <dt>Decided by</dt>
                  <dd>
                    <Actor actor={review.decidedBy} />, {formatMoment(review.decidedAt)}
                    {review.note && <>: “{review.note}”</>}
                  </dd>
                </div>
              )}
              {review.state === 'open' && (
                <div>
                  <dt>Void from</dt>
                  <dd>{formatMoment(review.expiresAt)}, if nobody decides</dd>
                </div>
              )}
            </dl>
            <div className="stack tight">
              <h3 className="label">Why it waits</h3>
              <Checks explanation={explanation} only="unsatisfied" />
              <DecisionLink id={review.decisionId}>
                All {explanation.checks.length} rules, and what they saw
              </DecisionLink>
            </div>
            {review.state === 'open' && mayDecide && <Deciding review={review} payer={wallet.userId} />}
          </>
        )}
      </Answer>
    </article>
  )
}

function Deciding({ review, payer }: { review: Review; payer: string | null }) {
  const { client, user } = useSurroundings()
  const queries = useQueryClient()
  const noteId = useId()
  const [missing, setMissing] = useState(false)
  const me = `user:${user?.id}`
  const isOwn = review.requestedBy === me || payer === user?.id
  const reload = () => queries.invalidateQueries({ queryKey: keyOf((service) => service.reviews) })
  const assign = useMutation({
    mutationFn: (take: boolean) => client.reviews.assign.mutate({ reviewId: review.id, take }),
    onSuccess: reload,
  })
  const decide = useMutation({
    mutationFn: (about: { verdict: 'approved' | 'denied'; note: string }) =>
      client.reviews.decide.mutate({ reviewId: review.id, ...about }),
    onSettled: reload,
  })
  const problem = decide.error ?? assign.error

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const { submitter } = event.nativeEvent as SubmitEvent
    const verdict = submitter?.getAttribute('value') === 'approved' ? 'approved' : 'denied'
    const note = String(new FormData(event.currentTarget).get('note') ?? '').trim()
    setMissing(note === '')
    if (note === '') return event.currentTarget.querySelector('textarea')?.focus()
    if (!decide.isPending) decide.mutate({ verdict, note })
  }

  if (isOwn)
    return (
      <div className="note note-warn">
        <p className="note-title">This one is yours</p>
        <p>You asked for this payment or pay it, so that another officer decides on it. Nobody passes their own.</p>
      </div>
    )
  const isMine = review.assignedTo === me
  return (
    <form className="stack deciding" onSubmit={send} noValidate>
      <div className="field">
        <label htmlFor={noteId}>Your reason, for the record</label>
        <textarea
          id={noteId}
          name="note"
          className="input input-note"
          rows={2}
          maxLength={500}
          aria-invalid={missing}
          aria-describedby={`${noteId}-hint`}
        />
        <p id={`${noteId}-hint`} className={missing ? 'problem' : 'hint'}>
          {missing
            ? 'Say why: the next person who looks at this has to understand it.'
            : 'The payer never sees it. Auditors do.'}
        </p>
      </div>
      {problem && (
        <div className="note note-bad" role="alert">
          <p>{sentenceFor(problem)}</p>
          {errorOf(problem).code === 'REFUSED_BY_COMPLIANCE' && (
            <p>What a rule refuses by now, no officer lets pass. You can deny it.</p>
          )}
        </div>
      )}
      <div className="row">
        <button type="submit" value="approved" className="button button-primary" aria-disabled={decide.isPending}>
          {decide.isPending && <span className="spinner" aria-hidden="true" />}
          Let it pass
        </button>
        <button type="submit" value="denied" className="button button-danger" aria-disabled={decide.isPending}>
          Deny it
        </button>
        <button
          type="button"
          className="button button-quiet"
          aria-disabled={assign.isPending}
          onClick={() => !assign.isPending && assign.mutate(!isMine)}
        >
          {isMine ? 'Give it back' : 'Take it'}
        </button>
      </div>
    </form>
  )
}
