'use client'

import { type Address, type Asset, errorOf, type Paywall } from '@provider-service/client'
import { keyOf } from '@provider-service/client/react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react'
import { Waiting } from '@/components/asked.tsx'
import { useSurroundings } from '@/components/providers.tsx'
import { formatNumber, parseAmount } from '@/lib/money.ts'
import { sentenceFor } from '@/lib/sentences.ts'
import { spanWords } from '@/lib/spans.ts'
import { putUp, readText, type Text } from './actions.ts'

type Field = 'title' | 'price' | 'recipient' | 'accessSeconds' | 'expiresAt' | 'teaser' | 'text'
type Problems = Partial<Record<Field, string>>
type NewPaywall = Pick<Paywall, 'title' | 'price' | 'recipient' | 'accessSeconds' | 'expiresAt'>

const DAY = 86_400
const periods: [seconds: number | null, name: string][] = [
  [null, 'For good'],
  [DAY, 'A day'],
  [7 * DAY, '7 days'],
  [30 * DAY, '30 days'],
  [365 * DAY, 'A year'],
]

/** What is meant where the service can only say what it is. */
const meant: Problems = {
  title: 'Give it a title of 1 to 200 characters.',
  expiresAt: 'Choose a day up to the year 9999, or none.',
}

/** Opens a paywall, or changes one. What the service says of a field is told at that field. */
export function PaywallForm({
  assets,
  paywall,
  onDone,
}: {
  assets: Asset[]
  paywall?: Paywall
  onDone(paywall: Paywall): void
}) {
  const { client, user } = useSurroundings()
  const queries = useQueryClient()
  const form = useRef<HTMLFormElement>(null)
  // one for what is opened with this form, however often it is sent
  const [idempotencyKey] = useState(() => crypto.randomUUID())
  const [assetId, setAssetId] = useState(paywall?.assetId ?? assets[0]?.id ?? '')
  const [problems, setProblems] = useState<Problems>({})
  const asset = assets.find(({ id }) => id === assetId)
  const written = useQuery({
    queryKey: ['text', paywall?.id],
    queryFn: () => readText(paywall!.id),
    enabled: paywall !== undefined,
    retry: false,
  })

  function tell(found: Problems) {
    setProblems(found)
    const [first] = Object.keys(found)
    if (first) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus()
  }

  const save = useMutation({
    mutationFn: async ({ text, ...about }: NewPaywall & { text: Text }) => {
      const saved = paywall
        ? await client.paywalls.update.mutate({ paywallId: paywall.id, ...about })
        : await client.paywalls.create.mutate({ ...about, assetId, idempotencyKey })
      if (!(await putUp(saved.id, text))) throw new Error('The text was not kept.')
      return saved
    },
    onSuccess: async (saved) => {
      queries.removeQueries({ queryKey: ['text', saved.id] })
      await queries.invalidateQueries({ queryKey: keyOf((service) => service.paywalls) })
      onDone(saved)
    },
    onError: (error) => {
      const found: Problems = {}
      for (const { path, message } of errorOf(error).issues) {
        const field = path[0] as Field
        found[field] ??=
          meant[field] ?? `${message[0]?.toUpperCase()}${message.slice(1)}${message.endsWith('.') ? '' : '.'}`
      }
      tell(found)
    },
  })

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (save.isPending || !asset) return
    const said = new FormData(event.currentTarget)
    const text = (name: Field) => String(said.get(name) ?? '').trim()
    const price = parseAmount(text('price'), asset.decimals)
    const expiresAt = text('expiresAt') ? new Date(text('expiresAt')) : null
    const found: Problems = {
      ...(price === null && {
        price:
          asset.decimals === 0
            ? 'Write a whole number.'
            : `Write a number such as 1.50, with at most ${asset.decimals} digits after the point.`,
      }),
      ...(!text('text') && { text: 'Write what is sold: nobody pays for an empty page.' }),
      ...(expiresAt && expiresAt <= new Date() && { expiresAt: 'Choose a moment that is still to come, or none.' }),
    }
    tell(found)
    if (price === null || Object.keys(found).length > 0) return
    const period = text('accessSeconds')
    save.mutate({
      title: text('title'),
      price,
      recipient: text('recipient') as Address,
      accessSeconds: period ? Number(period) : null,
      expiresAt,
      text: { teaser: text('teaser') || text('title'), text: text('text') },
    })
  }

  const unnamed = save.error && Object.keys(problems).length === 0 ? save.error : null
  return (
    <form ref={form} className="stack" onSubmit={send} noValidate>
      <TextField name="title" label="Title" problem={problems.title} defaultValue={paywall?.title ?? ''} />
      <TextField
        name="price"
        label="Price"
        hint={paywall ? 'Who has begun to pay pays what it was.' : undefined}
        problem={problems.price}
        inputMode="decimal"
        defaultValue={paywall && asset ? formatNumber(paywall.price, asset.decimals).replaceAll(',', '') : ''}
        beside={
          assets.length > 1 && !paywall ? (
            <select
              className="input input-short"
              aria-label="Currency"
              value={assetId}
              onChange={(event) => setAssetId(event.target.value)}
            >
              {assets.map(({ id, symbol }) => (
                <option key={id} value={id}>
                  {symbol}
                </option>
              ))}
            </select>
          ) : (
            <span className="soft">{asset?.symbol}</span>
          )
        }
      />
      <TextField
        name="recipient"
        label="Wallet that the money goes to"
        problem={problems.recipient}
        defaultValue={paywall?.recipient ?? user?.address ?? ''}
        mono
      />
      <div className="field">
        <label htmlFor="access">A payment buys access</label>
        <select id="access" name="accessSeconds" className="input" defaultValue={paywall?.accessSeconds ?? ''}>
          {periodsWith(paywall?.accessSeconds ?? null).map(([seconds, name]) => (
            <option key={name} value={seconds ?? ''}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {paywall && written.isPending ? (
        <Waiting what="what it sells" lines={2} />
      ) : (
        <>
          <TextField
            name="teaser"
            label="What everybody may read"
            hint="A sentence or two."
            problem={problems.teaser}
            defaultValue={written.data?.teaser ?? ''}
          />
          <TextArea problem={problems.text} defaultValue={written.data?.text ?? ''} />
        </>
      )}
      <TextField
        name="expiresAt"
        label="Closes by itself"
        hint="Your local time. Empty is never."
        problem={problems.expiresAt}
        type="datetime-local"
        defaultValue={paywall?.expiresAt ? localText(paywall.expiresAt) : ''}
      />
      {unnamed && (
        <div className="note note-bad" role="alert">
          {sentenceFor(unnamed)}
        </div>
      )}
      <button type="submit" className="button button-primary button-large" aria-disabled={save.isPending}>
        {save.isPending && <span className="spinner" aria-hidden="true" />}
        {paywall ? 'Save' : 'Open it'}
      </button>
    </form>
  )
}

function TextArea({ problem, defaultValue }: { problem: string | undefined; defaultValue: string }) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>What is sold</label>
      <textarea
        id={id}
        name="text"
        className="input"
        maxLength={100_000}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-hint`}
        defaultValue={defaultValue}
      />
      <p id={`${id}-hint`} className={problem ? 'problem' : 'hint'}>
        {problem ?? 'Paragraphs with an empty line between them; “## ” begins a heading.'}
      </p>
    </div>
  )
}

function TextField({
  name,
  label,
  hint,
  problem,
  beside,
  mono,
  ...input
}: {
  name: Field
  label: string
  hint?: string | undefined
  problem?: string | undefined
  beside?: ReactNode
  mono?: boolean
  defaultValue: string
  type?: string
  inputMode?: 'decimal'
}) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="row row-one">
        <input
          {...input}
          id={id}
          name={name}
          className={mono ? 'input mono' : 'input'}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-hint`}
          autoComplete="off"
        />
        {beside}
      </div>
      <p id={`${id}-hint`} className={problem ? 'problem' : 'hint'}>
        {problem ?? hint}
      </p>
    </div>
  )
}

/** The periods to choose from; one that was chosen elsewhere is among them. */
const periodsWith = (chosen: number | null): typeof periods =>
  periods.some(([seconds]) => seconds === chosen) ? periods : [...periods, [chosen, spanWords(chosen ?? 0)]]

/** A moment as a field of a form has it, in local time. */
const localText = (moment: Date): string =>
  new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
