'use client'

import type { Asset, Payment, PaymentState, Paywall } from '@provider-service/client'
import { useServiceQuery } from '@provider-service/client/react'
import { useEffect, useRef, useState } from 'react'
import { Answer } from '@/components/asked.tsx'
import { formatAmount } from '@/lib/money.ts'
import { formatMoment, short } from '@/lib/words.ts'

const SHOWN = 6

/** What a merchant is to make of the state of a payment. */
const states: Record<PaymentState, { word: string; tone: string }> = {
  held: { word: 'An officer looks at it', tone: 'badge-warn' },
  accepted: { word: 'On its way', tone: '' },
  submitted: { word: 'On its way', tone: '' },
  settled: { word: 'Paid', tone: 'badge-good' },
  failed: { word: 'Failed', tone: 'badge-bad' },
  attention: { word: 'Being looked into', tone: 'badge-warn' },
  cancelled: { word: 'Taken back', tone: '' },
  refused: { word: 'Refused', tone: 'badge-bad' },
  expired: { word: 'Expired', tone: '' },
}

/** The latest payments for a merchant's paywalls; each that settles while one looks is told. */
export function LatestSales({ paywalls, assets }: { paywalls: Paywall[]; assets: Asset[] }) {
  const titles = new Map(paywalls.map(({ id, title }) => [id, title]))
  const units = new Map(assets.map((asset) => [asset.id, asset]))
  const latest = useServiceQuery(
    (service) => service.payments.list,
    { limit: 100 },
    { select: ({ items }) => items.filter(({ paywallId }) => titles.has(paywallId)).slice(0, SHOWN) },
  )
  const fresh = useNewlySettled(latest.data)
  const newest = latest.data?.find(({ id }) => fresh.has(id))
  return (
    <section className="card stack" aria-labelledby="latest">
      <h2 id="latest">Latest</h2>
      <p role="status" className="visually-hidden">
        {newest && `Sold just now: ${titles.get(newest.paywallId)}.`}
      </p>
      <Answer query={latest} what="the latest sales" lines={5}>
        {(payments) =>
          payments.length === 0 ? (
            <p className="soft">
              Nobody has bought anything yet. It shows up here in the moment in which somebody does.
            </p>
          ) : (
            <ul className="sales">
              {payments.map((payment) => {
                const { word, tone } = states[payment.state]
                const unit = units.get(payment.assetId)
                return (
                  <li key={payment.id} className={fresh.has(payment.id) ? 'sale sale-fresh' : 'sale'}>
                    <span className="sale-title">{titles.get(payment.paywallId)}</span>
                    <strong className="number">{unit ? formatAmount(payment.amount, unit) : '…'}</strong>
                    <span className="tiny soft">
                      {formatMoment(payment.createdAt)} from <span className="mono">{short(payment.payer)}</span>
                    </span>
                    <span className={`badge ${tone}`}>{word}</span>
                  </li>
                )
              })}
            </ul>
          )
        }
      </Answer>
    </section>
  )
}

/** Which payments settled since the first answer. */
function useNewlySettled(payments: Payment[] | undefined): ReadonlySet<string> {
  const before = useRef<Set<string> | null>(null)
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => {
    if (!payments) return
    const settled = payments.filter(({ state }) => state === 'settled').map(({ id }) => id)
    const known = before.current
    before.current = new Set([...(known ?? []), ...settled])
    const added = known ? settled.filter((id) => !known.has(id)) : []
    if (added.length > 0) setFresh((shown) => new Set([...shown, ...added]))
  }, [payments])
  return fresh
}
