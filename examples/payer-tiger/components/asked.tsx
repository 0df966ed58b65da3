'use client'

import type { ReactNode } from 'react'
import type { Pages } from '@/lib/pages.ts'
import { sentenceFor } from '@/lib/sentences.ts'

/** What could not be read, and a way to try again. */
export function Failed({ error, again }: { error: unknown; again(): unknown }) {
  return (
    <div className="note note-bad" role="alert">
      <p className="note-title">This could not be read</p>
      <p>{sentenceFor(error)}</p>
      <p>
        <button type="button" className="button button-small" onClick={() => void again()}>
          Try again
        </button>
      </p>
    </div>
  )
}

/** Lines in the place of what is on its way. */
export function Waiting({ what, lines = 3 }: { what: string; lines?: number }) {
  return (
    <div className="stack" role="status">
      <span className="visually-hidden">Reading {what} …</span>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <span key={line} className="skeleton waiting-line" aria-hidden="true" />
      ))}
    </div>
  )
}

/** What a question was answered with, or that it is on its way, or why there is no answer. */
export function Answer<T>({
  query,
  what,
  lines,
  children,
}: {
  query: { data: T | undefined; error: unknown; refetch(): unknown }
  what: string
  lines?: number
  children: (data: T) => ReactNode
}) {
  if (query.data !== undefined) return children(query.data)
  if (query.error) return <Failed error={query.error} again={query.refetch} />
  return <Waiting what={what} {...(lines !== undefined && { lines })} />
}

/** All pages of a list that were asked for so far, and a button for the next. */
export function AnswerPages<T>({
  query,
  what,
  empty,
  children,
}: {
  query: Pages<T>
  what: string
  empty: ReactNode
  children: (items: T[]) => ReactNode
}) {
  return (
    <Answer query={query} what={what}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items)
        if (items.length === 0) return empty
        return (
          <div className="stack">
            {children(items)}
            {query.hasNextPage && (
              <button
                type="button"
                className="button"
                aria-disabled={query.isFetchingNextPage}
                onClick={() => !query.isFetchingNextPage && void query.fetchNextPage()}
              >
                {query.isFetchingNextPage ? 'Reading …' : 'Show more'}
              </button>
            )}
            {query.isFetchNextPageError && <Failed error={query.error} again={query.fetchNextPage} />}
          </div>
        )
      }}
    </Answer>
  )
}
