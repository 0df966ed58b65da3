'use client'

import type { Asset, Payment } from '@provider-service/client'
import { queryOf, useServiceQuery } from '@provider-service/client/react'
import { useQueries } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { StateBadge } from '@/components/badge.tsx'
import { ReceiptIcon } from '@/components/icons.tsx'
import { useSurroundings } from '@/components/providers.tsx'
import { formatAmount } from '@/lib/money.ts'
import { sentenceFor } from '@/lib/sentences.ts'
import { formatMoment } from '@/lib/words.ts'

/** How many are shown at once, and how many more with each click. */
const PAGE = 20

/** The payments of these wallets, the newest first, as they stand now. */
export function Receipts({ walletIds, assets }: { walletIds: string[]; assets: Asset[] }) {
  const { client } = useSurroundings()
  const [shown, show] = useState(PAGE)
  const answers = useQueries({
    queries: walletIds.map((walletId) =>
      queryOf(client, (service) => service.payments.list, { walletId, limit: Math.min(shown + 1, 100) }),
    ),
  })
  const { data: paywalls } = useServiceQuery((service) => service.paywalls.list, { limit: 100 })
  const failed = answers.find(({ error }) => error)
  if (answers.some(({ data }) => !data))
    return failed ? (
      <p className="note note-warn" role="alert">
        {sentenceFor(failed.error)}
      </p>
    ) : (
      <div className="stack tight" role="status">
        <span className="visually-hidden">Looking for your receipts …</span>
        <span className="skeleton receipt-skeleton" />
        <span className="skeleton receipt-skeleton" />
        <span className="skeleton receipt-skeleton" />
      </div>
    )
  const all = answers
    .flatMap(({ data }) => data?.items ?? [])
    .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime())
  if (all.length === 0)
    return (
      <div className="empty">
        <span className="empty-art">
          <ReceiptIcon />
        </span>
        <h2>Nothing bought yet</h2>
        <p>Your first receipt is here as soon as you pay for a piece.</p>
        <Link className="button button-primary" href="/">
          To the library
        </Link>
      </div>
    )
  const titleOf = ({ paywallId }: Payment) => paywalls?.items.find(({ id }) => id === paywallId)?.title
  return (
    <div className="stack">
      <ul className="receipts">
        {all.slice(0, shown).map((payment) => (
          <li key={payment.id}>
            <Line payment={payment} title={titleOf(payment)} asset={assets.find(({ id }) => id === payment.assetId)} />
          </li>
        ))}
      </ul>
      {all.length > shown && shown < 100 && (
        <button type="button" className="button" onClick={() => show(shown + PAGE)}>
          Show more
        </button>
      )}
    </div>
  )
}

function Line({ payment, title, asset }: { payment: Payment; title: string | undefined; asset: Asset | undefined }) {
  return (
    <article className="receipt-line">
      <div className="stack receipt-words">
        <h2>
          <Link href={`/receipts/${payment.id}`}>{title ?? 'A piece that is gone'}</Link>
        </h2>
        <time className="tiny soft" dateTime={payment.createdAt.toISOString()}>
          {formatMoment(payment.createdAt)}
        </time>
      </div>
      <StateBadge state={payment.state} />
      <span className="price number">{asset ? formatAmount(payment.amount, asset) : '–'}</span>
    </article>
  )
}
