'use client'

import { errorOf } from '@provider-service/client'
import Link from 'next/link'
import { type FormEvent, useId, useState } from 'react'
import { AnswerPages } from '@/components/asked.tsx'
import { usePages } from '@/lib/pages.ts'
import { formatMoment } from '@/lib/words.ts'
import { Actor } from '../actor.tsx'

const fields = [
  { name: 'objectId', label: 'Object', hint: 'The id of a payment, a list entry, a decision …' },
  { name: 'actor', label: 'Who did it', hint: 'user:ID, key:ID or system:NAME' },
  { name: 'action', label: 'What happened', hint: 'Such as payment.settled' },
] as const

type Wanted = Partial<Record<(typeof fields)[number]['name'] | 'from' | 'to', string>>

/** Finds records of the trail by object, person, action and time. */
export function Search() {
  const id = useId()
  const [wanted, setWanted] = useState<Wanted>({})
  const { from, to, ...exact } = wanted
  const records = usePages((service) => service.audit.search, {
    ...exact,
    ...(from && { from: new Date(from) }),
    ...(to && { to: new Date(to) }),
  })
  const unfit = records.error && errorOf(records.error).code === 'INVALID_INPUT' ? errorOf(records.error) : null

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const said = [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value).trim()])
    setWanted(Object.fromEntries(said.filter(([, value]) => value)))
  }

  return (
    <div className="stack">
      <header className="stack tight">
        <h1>Audit</h1>
        <p className="soft">Every change of everything, with who made it. Nobody can alter what is here.</p>
      </header>
      <form className="search search-wide card" onSubmit={send} noValidate>
        {fields.map(({ name, label, hint }) => {
          const problem = unfit?.issues.find(({ path }) => path[0] === name)?.message
          return (
            <div key={name} className="field">
              <label htmlFor={`${id}-${name}`}>{label}</label>
              <input
                id={`${id}-${name}`}
                name={name}
                className="input mono"
                autoComplete="off"
                aria-invalid={problem !== undefined}
                aria-describedby={`${id}-${name}-hint`}
              />
              <p id={`${id}-${name}-hint`} className={problem ? 'problem' : 'hint'}>
                {problem ?? hint}
              </p>
            </div>
          )
        })}
        {(['from', 'to'] as const).map((name) => (
          <div key={name} className="field">
            <label htmlFor={`${id}-${name}`}>{name === 'from' ? 'From' : 'Before'}</label>
            <input id={`${id}-${name}`} name={name} type="datetime-local" className="input" />
            <p className="hint">Your local time</p>
          </div>
        ))}
        <button type="submit" className="button button-primary">
          Search
        </button>
      </form>
      {!unfit && (
        <AnswerPages
          query={records}
          what="the records"
          empty={
            <div className="empty">
              <h2>No record fits</h2>
              <p>Ids are whole, and an action is two words with a point between them. Try with less.</p>
            </div>
          }
        >
          {(items) => (
            <ul className="rows">
              {items.map((record) => (
                <li key={`${record.stream}.${record.sequence}`}>
                  <Link href={`/officer/audit/${record.stream}#r${record.sequence}`} className="row-link">
                    <strong className="mono small">{record.action}</strong>
                    <span className="small soft mono">
                      {record.objectType} {record.stream.slice(0, 8)}
                    </span>
                    <span className="small">
                      <Actor actor={record.actor} />
                    </span>
                    <span className="tiny soft">{formatMoment(record.at)}</span>
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </AnswerPages>
      )}
    </div>
  )
}
