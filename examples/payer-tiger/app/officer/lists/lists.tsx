'use client'

import { errorOf, type List, type ListChange, type ListEntry } from '@provider-service/client'
import { keyOf, useServiceQuery } from '@provider-service/client/react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { type FormEvent, useId, useState } from 'react'
import { Answer, AnswerPages } from '@/components/asked.tsx'
import { Dialog } from '@/components/dialog.tsx'
import { useSurroundings } from '@/components/providers.tsx'
import { usePages } from '@/lib/pages.ts'
import { sentenceFor } from '@/lib/sentences.ts'
import { formatDay } from '@/lib/words.ts'
import { Actor } from '../actor.tsx'
import { AddForm } from './add-form.tsx'

const kinds: Record<List['kind'], { word: string; tone: string }> = {
  deny: { word: 'Refuses', tone: 'badge-bad' },
  sanctions: { word: 'Sanctions', tone: 'badge-bad' },
  allow: { word: 'Allows', tone: 'badge-good' },
}

/** Who is on which list, and how to change that. */
export function Lists() {
  const { user } = useSurroundings()
  const mayChange = user?.roles.includes('officer') ?? false
  const [list, setList] = useState('')
  const [subject, setSubject] = useState('')
  const [adding, setAdding] = useState(false)
  const [removed, setRemoved] = useState<ListEntry | null>(null)
  const [said, setSaid] = useState<ListChange | null>(null)
  const lists = useServiceQuery((service) => service.lists.list, { limit: 100 })
  const entries = usePages((service) => service.lists.entries, { ...(list && { list }), ...(subject && { subject }) })

  function done(change: ListChange) {
    setAdding(false)
    setRemoved(null)
    setSaid(change)
  }

  return (
    <div className="stack">
      <header className="row row-apart">
        <div className="stack tight">
          <h1>Lists</h1>
          <p className="soft">Whom the shop refuses, and whom its policy may ask for.</p>
        </div>
        {mayChange && (
          <button type="button" className="button button-primary" onClick={() => setAdding(true)}>
            Put somebody on a list
          </button>
        )}
      </header>
      <div role="status">{said && <Said change={said} />}</div>
      <Answer query={lists} what="the lists" lines={1}>
        {({ items: known }) => (
          <>
            <Search lists={known} list={list} onList={setList} subject={subject} onSubject={setSubject} />
            <Dialog open={adding} title="Put somebody on a list" onClose={() => setAdding(false)}>
              <AddForm lists={known} onDone={done} />
            </Dialog>
          </>
        )}
      </Answer>
      {entries.error && errorOf(entries.error).code === 'INVALID_INPUT' ? (
        <p className="note note-warn">
          {errorOf(entries.error).issues[0]?.message ?? 'That is nobody who could be on a list.'}
        </p>
      ) : (
        <AnswerPages
          query={entries}
          what="who is listed"
          empty={
            <div className="empty">
              <h2>{subject ? 'Not on any of these' : 'Nobody is listed'}</h2>
              <p>Whoever is put on a list that refuses can pay nothing from that moment on.</p>
            </div>
          }
        >
          {(items) => (
            <ul className="stack tight">
              {items.map((entry) => (
                <li key={entry.id} className="card entry">
                  <span className="small break">
                    {entry.subject.startsWith('user:') && (
                      <>
                        <Actor actor={entry.subject} />
                        <br />
                      </>
                    )}
                    <span className={entry.subject.startsWith('user:') ? 'mono tiny soft' : 'mono'}>
                      {entry.subject}
                    </span>
                  </span>
                  <span className="row tight">
                    <span className={`badge ${kinds[entry.kind].tone}`}>{kinds[entry.kind].word}</span>
                    <span className="small">{entry.list}</span>
                  </span>
                  <span className="small">{entry.reason}</span>
                  <span className="tiny soft">
                    since {formatDay(entry.createdAt)}, from {entry.source}
                    {entry.validUntil && <>, until {formatDay(entry.validUntil)}</>}
                  </span>
                  {mayChange && (
                    <button type="button" className="button button-small" onClick={() => setRemoved(entry)}>
                      Take off<span className="visually-hidden"> {entry.subject}</span>
                    </button>
                  )}
                </li>
              ))}
            </ul>
          )}
        </AnswerPages>
      )}
      <Dialog open={removed !== null} title="Take them off the list" onClose={() => setRemoved(null)}>
        {removed && <Removal entry={removed} onDone={done} />}
      </Dialog>
    </div>
  )
}

/** What became of a change. */
function Said({ change }: { change: ListChange }) {
  if (change.status === 'done')
    return (
      <p className="note note-good">
        Done: “{change.entry.list}” {change.entry.removedAt ? 'no longer has' : 'has'} {change.entry.subject}.
      </p>
    )
  return (
    <div className="note note-warn">
      <p className="note-title">Asked for</p>
      <p>
        It loosens a list, so that somebody else has to approve it. It waits among the{' '}
        <Link href="/officer/approvals">approvals</Link>; until then nothing changes.
      </p>
    </div>
  )
}

function Search({
  lists,
  list,
  onList,
  subject,
  onSubject,
}: {
  lists: List[]
  list: string
  onList(list: string): void
  subject: string
  onSubject(subject: string): void
}) {
  const id = useId()
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    onSubject(String(new FormData(event.currentTarget).get('subject') ?? '').trim())
  }
  return (
    <form className="search" onSubmit={send}>
      <div className="field">
        <label htmlFor={`${id}-list`}>List</label>
        <select id={`${id}-list`} className="input" value={list} onChange={(event) => onList(event.target.value)}>
          <option value="">All of them</option>
          {lists.map(({ id, name }) => (
            <option key={id} value={name}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor={`${id}-subject`}>Who</label>
        <input
          id={`${id}-subject`}
          name="subject"
          className="input mono"
          defaultValue={subject}
          placeholder="0x…, user:ID or wallet:ID"
          autoComplete="off"
        />
      </div>
      <button type="submit" className="button">
        Look
      </button>
    </form>
  )
}

function Removal({ entry, onDone }: { entry: ListEntry; onDone(change: ListChange): void }) {
  const { client } = useSurroundings()
  const queries = useQueryClient()
  const id = useId()
  const [missing, setMissing] = useState(false)
  const [idempotencyKey] = useState(() => crypto.randomUUID())
  const remove = useMutation({
    mutationFn: (reason: string) => client.lists.remove.mutate({ entryId: entry.id, reason, idempotencyKey }),
    onSuccess: async (change) => {
      await queries.invalidateQueries({ queryKey: keyOf((service) => service.lists) })
      onDone(change)
    },
  })
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const reason = String(new FormData(event.currentTarget).get('reason') ?? '').trim()
    setMissing(reason === '')
    if (reason && !remove.isPending) remove.mutate(reason)
  }
  return (
    <form className="stack" onSubmit={send} noValidate>
      <p className="break">
        <span className="mono small">{entry.subject}</span> is on “{entry.list}”: {entry.reason}.
      </p>
      {entry.kind !== 'allow' && (
        <p className="note note-warn">That lets them pay again: somebody else has to approve it first.</p>
      )}
      <div className="field">
        <label htmlFor={id}>Why</label>
        <input
          id={id}
          name="reason"
          className="input"
          maxLength={500}
          autoComplete="off"
          aria-invalid={missing}
          aria-describedby={`${id}-hint`}
        />
        <p id={`${id}-hint`} className={missing ? 'problem' : 'hint'}>
          {missing ? 'Say why they may go.' : 'Whoever approves it reads this.'}
        </p>
      </div>
      {remove.error && (
        <div className="note note-bad" role="alert">
          {sentenceFor(remove.error)}
        </div>
      )}
      <button type="submit" className="button button-primary" aria-disabled={remove.isPending}>
        {entry.kind === 'allow' ? 'Take them off' : 'Ask for it'}
      </button>
    </form>
  )
}
