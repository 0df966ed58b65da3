'use client'

import type { Asset, Payment } from '@provider-service/client'
import { usePayment } from '@provider-service/client/react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { StateBadge } from '@/components/badge.tsx'
import { Progress } from '@/components/progress.tsx'
import { useSurroundings } from '@/components/providers.tsx'
import { Refused } from '@/components/refused.tsx'
import { explorerUrl } from '@/lib/explorer.ts'
import { formatAmount } from '@/lib/money.ts'
import { isOver } from '@/lib/payment-words.ts'
import { formatMoment } from '@/lib/words.ts'

/** One payment with everything that proves it, as it stands now. */
export function Receipt({ payment: known, asset, title }: { payment: Payment; asset: Asset; title: string }) {
  const { settings } = useSurroundings()
  const { data } = usePayment(known.id)
  const payment = data ?? known
  const { state, failure } = payment
  const explorer = payment.transactionHash && explorerUrl(settings.chains, payment.chain, payment.transactionHash)
  const chain = settings.chains.find(({ id }) => payment.chain === `eip155:${id}`)
  const facts: [string, ReactNode][] = [
    ['Paid', formatMoment(payment.settledAt ?? payment.createdAt)],
    ['From', <Mono key="from" value={payment.payer} />],
    ['To', <Mono key="to" value={payment.recipient} />],
    ['Network', chain?.name ?? payment.chain],
    ...(payment.blockNumber === null ? [] : [['Block', String(payment.blockNumber)] as [string, ReactNode]]),
    ...(payment.transactionHash === null
      ? []
      : [['Transaction', <Mono key="hash" value={payment.transactionHash} />] as [string, ReactNode]]),
    ['Receipt', <Mono key="id" value={payment.id} />],
    ['Decision', <Mono key="decision" value={payment.decisionId} />],
  ]
  if (state !== 'settled') facts[0] = ['Begun', formatMoment(payment.createdAt)]
  return (
    <div className="receipt">
      <article className="card receipt-card" aria-labelledby="title">
        <header className="stack tight">
          <p className="row row-apart">
            <span className="eyebrow">Receipt</span>
            <StateBadge state={state} />
          </p>
          <h1 id="title">{title}</h1>
          <p className="receipt-amount number">{formatAmount(payment.amount, asset)}</p>
        </header>
        {!isOver(state) && <Progress payment={payment} asset={asset} />}
        {state === 'refused' && <Refused payment={payment} />}
        {failure && state !== 'refused' && isOver(state) && (
          <div className="note note-bad">
            <p className="note-title">Nothing was paid</p>
            <p>{failure.message}</p>
          </div>
        )}
        <dl className="facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <footer className="row">
          <Link className="button button-primary" href={`/paywalls/${payment.paywallId}`}>
            {state === 'settled' ? 'Read it' : 'To the piece'}
          </Link>
          {explorer && (
            <a className="button" href={explorer} target="_blank" rel="noreferrer">
              See it on the chain
              <span className="visually-hidden"> (opens in a new tab)</span>
            </a>
          )}
        </footer>
      </article>
      <p className="small">
        <Link href="/receipts">All receipts</Link>
      </p>
    </div>
  )
}

const Mono = ({ value }: { value: string }) => <span className="mono break">{value}</span>
