'use client'

import { type Address, errorOf, type List, type ListChange } from '@provider-service/client'
import { keyOf } from '@provider-service/client/react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useRef, useState } from 'react'
import { useSurroundings } from '@/components/providers.tsx'
import { sentenceFor } from '@/lib/sentences.ts'

type Problems = Partial<Record<'list' | 'who' | 'reason', string>>

/** Which field of the form a field of the call is typed into. */
const fields: Record<string, keyof Problems> = {
  list: 'list',
  reason: 'reason',
  address: 'who',
  userId: 'who',
  walletId: 'who',
}

/** Puts somebody on a list that there is, or on a new one that refuses. */
export function AddForm({ lists, onDone }: { lists: List[]; onDone(change: ListChange): void }) {
  const { client } = useSurroundings()
  const queries = useQueryClient()
  const form = useRef<HTMLFormElement>(null)
  const id = useId()
  const [problems, setProblems] = useState<Problems>({})

  function tell(found: Problems) {
    setProblems(found)
    const [first] = Object.keys(found)
    if (first) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus()
  }

  const add = useMutation({
    mutationFn: ({ list, who, reason }: { list: string; who: string; reason: string }) =>
      client.lists.add.mutate({ list, reason, source: 'desk', ...subjectOf(who) }),
    onSuccess: async (change) => {
      await queries.invalidateQueries({ queryKey: keyOf((service) => service.lists) })
      onDone(change)
    },
    onError: (error) => {
      const { code, issues } = errorOf(error)
      const found: Problems = {}
      for (const { path, message } of issues) {
        const field = fields[path[0] ?? ''] ?? 'who'
        found[field] ??= field === 'reason' ? 'Say why, in at most 500 characters.' : `${message}.`
      }
      if (code === 'NOT_FOUND') found.who = 'There is no such person or wallet in this shop.'
      tell(found)
    },
  })

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const said = new FormData(event.currentTarget)
    const [list = '', who = '', reason = ''] = ['list', 'who', 'reason'].map((name) =>
      String(said.get(name) ?? '').trim(),
    )
    const found: Problems = {
      ...(!list && { list: 'Name a list.' }),
      ...(!who && { who: 'Say who.' }),
      ...(!reason && { reason: 'Say why: decisions name it for years.' }),
    }
    tell(found)
    if (Object.keys(found).length === 0 && !add.isPending) add.mutate({ list, who, reason })
  }

  const field = (name: keyof Problems, label: string, hint: string, more: React.ComponentProps<'input'> = {}) => (
    <div className="field">
      <label htmlFor={`${id}-${name}`}>{label}</label>
      <input
        {...more}
        id={`${id}-${name}`}
        name={name}
        className={name === 'who' ? 'input mono' : 'input'}
        autoComplete="off"
        aria-invalid={problems[name] !== undefined}
        aria-describedby={`${id}-${name}-hint`}
      />
      <p id={`${id}-${name}-hint`} className={problems[name] ? 'problem' : 'hint'}>
        {problems[name] ?? hint}
      </p>
    </div>
  )

  return (
    <form ref={form} className="stack" onSubmit={send} noValidate>
      {field('list', 'List', 'One that there is, or a new name: that list refuses.', {
        list: `${id}-lists`,
        defaultValue: lists.find(({ kind }) => kind === 'deny')?.name ?? 'fraud',
      })}
      <datalist id={`${id}-lists`}>
        {lists.map(({ id, name }) => (
          <option key={id} value={name} />
        ))}
      </datalist>
      {field('who', 'Who', 'An address 0x…, a person user:ID, or a wallet wallet:ID.')}
      {field('reason', 'Why', 'Who is refused is told the list and this reason.', { maxLength: 500 })}
      {add.error && Object.keys(problems).length === 0 && (
        <div className="note note-bad" role="alert">
          {sentenceFor(add.error)}
        </div>
      )}
      <button type="submit" className="button button-primary" aria-disabled={add.isPending}>
        {add.isPending && <span className="spinner" aria-hidden="true" />}
        Put them on it
      </button>
    </form>
  )
}

function subjectOf(who: string): { userId: string } | { walletId: string } | { address: Address } {
  const [, kind, id] = /^(user|wallet):(.*)$/.exec(who) ?? []
  if (kind === 'user') return { userId: id! }
  if (kind === 'wallet') return { walletId: id! }
  return { address: who as Address }
}
