'use client'

import type { Approval } from '@provider-service/client'
import { keyOf } from '@provider-service/client/react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { AnswerPages } from '@/components/asked.tsx'
import { useSurroundings } from '@/components/providers.tsx'
import { usePages } from '@/lib/pages.ts'
import { sentenceFor } from '@/lib/sentences.ts'
import { formatMoment } from '@/lib/words.ts'
import { Actor } from '../actor.tsx'
import { actionWords } from '../words.ts'

const states: Record<Approval['state'], { word: string; tone: string }> = {
  requested: { word: 'Waits for a second person', tone: 'badge-warn' },
  approved: { word: 'Approved and done', tone: 'badge-good' },
  rejected: { word: 'Rejected', tone: 'badge-bad' },
  expired: { word: 'Expired', tone: '' },
}

/** What takes two people: what waits for the second, and what had their word. */
export function Approvals() {
  const { user } = useSurroundings()
  const [all, setAll] = useState(false)
  const mayDecide = user?.roles.some((role) => role === 'officer' || role === 'operator') ?? false
  const approvals = usePages((service) => service.approvals.list, all ? {} : { state: 'requested' as const })
  return (
    <div className="stack">
      <header className="row row-apart">
        <div className="stack tight">
          <h1>Approvals</h1>
          <p className="soft">What one person asks for and another one does: nobody decides on their own wish.</p>
        </div>
        <fieldset className="switch">
          <legend className="visually-hidden">Which approvals</legend>
          {[false, true].map((value) => (
            <label key={String(value)}>
              <input type="radio" name="approvals" checked={all === value} onChange={() => setAll(value)} />
              <span>{value ? 'All' : 'Waiting'}</span>
            </label>
          ))}
        </fieldset>
      </header>
      <AnswerPages
        query={approvals}
        what="the approvals"
        empty={
          <div className="empty">
            <h2>Nothing waits for a second person</h2>
            <p>
              Taking somebody off a deny list, a new policy, a role: whatever loosens something comes by here first.
            </p>
          </div>
        }
      >
        {(items) => (
          <ul className="stack">
            {items.map((approval) => (
              <li key={approval.id}>
                <ApprovalCard approval={approval} mayDecide={mayDecide} />
              </li>
            ))}
          </ul>
        )}
      </AnswerPages>
    </div>
  )
}

function ApprovalCard({ approval, mayDecide }: { approval: Approval; mayDecide: boolean }) {
  const { user } = useSurroundings()
  const titleId = useId()
  const { word, tone } = states[approval.state]
  const isOwn = approval.requestedBy === `user:${user?.id}`
  return (
    <article className="card stack" aria-labelledby={titleId}>
      <div className="row row-apart">
        <h2 id={titleId} className="review-title">
          {actionWords(approval.action)}
        </h2>
        <span className={`badge ${tone}`}>{word}</span>
      </div>
      <dl className="facts">
        <div>
          <dt>Asked for by</dt>
          <dd>
            <Actor actor={approval.requestedBy} />, {formatMoment(approval.createdAt)}
          </dd>
        </div>
        <div>
          <dt>Because</dt>
          <dd>{approval.reason}</dd>
        </div>
        {'subject' in approval.action && (
          <div>
            <dt>Who</dt>
            <dd className="mono">{approval.action.subject}</dd>
          </div>
        )}
        {approval.decidedBy && approval.decidedAt && (
          <div>
            <dt>Decided by</dt>
            <dd>
              <Actor actor={approval.decidedBy} />, {formatMoment(approval.decidedAt)}
              {approval.note && <>: “{approval.note}”</>}
            </dd>
          </div>
        )}
        {approval.state === 'requested' && (
          <div>
            <dt>Void from</dt>
            <dd>{formatMoment(approval.expiresAt)}</dd>
          </div>
        )}
      </dl>
      {approval.state === 'requested' &&
        (isOwn ? (
          <p className="note note-warn">You asked for this, so another officer or an operator decides on it.</p>
        ) : (
          mayDecide && <Deciding approval={approval} />
        ))}
    </article>
  )
}

function Deciding({ approval }: { approval: Approval }) {
  const { client } = useSurroundings()
  const queries = useQueryClient()
  const noteId = useId()
  const [missing, setMissing] = useState(false)
  const decide = useMutation({
    mutationFn: ({ approve, note }: { approve: boolean; note: string }) =>
      approve
        ? client.approvals.approve.mutate({ approvalId: approval.id, note: note || null })
        : client.approvals.reject.mutate({ approvalId: approval.id, note }),
    onSettled: () => queries.invalidateQueries({ queryKey: keyOf((service) => service.approvals) }),
  })

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const { submitter } = event.nativeEvent as SubmitEvent
    const approve = submitter?.getAttribute('value') === 'approve'
    const note = String(new FormData(event.currentTarget).get('note') ?? '').trim()
    setMissing(!approve && note === '')
    if (!approve && note === '') return event.currentTarget.querySelector('input')?.focus()
    if (!decide.isPending) decide.mutate({ approve, note })
  }

  return (
    <form className="stack deciding" onSubmit={send} noValidate>
      <div className="field">
        <label htmlFor={noteId}>Your word on it</label>
        <input
          id={noteId}
          name="note"
          className="input"
          maxLength={500}
          autoComplete="off"
          aria-invalid={missing}
          aria-describedby={`${noteId}-hint`}
        />
        <p id={`${noteId}-hint`} className={missing ? 'problem' : 'hint'}>
          {missing ? 'To reject it, say why.' : 'Needed to reject; good to have in any case.'}
        </p>
      </div>
      {decide.error && (
        <div className="note note-bad" role="alert">
          {sentenceFor(decide.error)}
        </div>
      )}
      <div className="row">
        <button type="submit" value="approve" className="button button-primary" aria-disabled={decide.isPending}>
          {decide.isPending && <span className="spinner" aria-hidden="true" />}
          Approve, and do it
        </button>
        <button type="submit" value="reject" className="button button-danger" aria-disabled={decide.isPending}>
          Reject
        </button>
      </div>
    </form>
  )
}
