'use client'

import type { Asset, Paywall } from '@provider-service/client'
import { keyOf } from '@provider-service/client/react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Answer } from '@/components/asked.tsx'
import { useSurroundings } from '@/components/providers.tsx'
import { formatAmount } from '@/lib/money.ts'
import { Chart } from './chart.tsx'
import { barsOf, beginning, readSales, type SpanName, spans } from './sales.ts'

const names: Record<SpanName, string> = { day: '24 hours', week: '7 days', month: '30 days' }

/** What was settled for a merchant's paywalls, in bars. */
export function Earnings({ paywalls, assets }: { paywalls: Paywall[]; assets: Asset[] }) {
  const { client } = useSurroundings()
  const own = paywalls.map(({ id }) => id)
  const [spanName, setSpanName] = useState<SpanName>('week')
  const span = spans[spanName]
  const sales = useQuery({
    queryKey: [...keyOf((service) => service.payments.list, { state: 'settled', limit: 100 }), 'earned', own],
    queryFn: ({ signal }) => readSales(client, own, beginning(spans.month, new Date()), signal),
    retry: false,
  })
  return (
    <section className="card stack" aria-labelledby="earned">
      <div className="row row-apart">
        <h2 id="earned">Earned</h2>
        <fieldset className="switch">
          <legend className="visually-hidden">Over which time</legend>
          {Object.entries(names).map(([value, name]) => (
            <label key={value}>
              <input
                type="radio"
                name="span"
                value={value}
                checked={value === spanName}
                onChange={() => setSpanName(value as SpanName)}
              />
              <span>{name}</span>
            </label>
          ))}
        </fieldset>
      </div>
      <Answer query={sales} what="what was earned" lines={4}>
        {(settled) => {
          const now = new Date()
          const sold = assets.filter(({ id }) => settled.some(({ assetId }) => assetId === id))
          const shown = sold.length > 0 ? sold : assets.slice(0, 1)
          return shown.map((asset) => {
            const bars = barsOf(settled, span, now, asset.id)
            const count = bars.reduce((all, bar) => all + bar.count, 0)
            return (
              <div key={asset.id} className="stack">
                <p className="row">
                  <strong className="sum number">
                    {formatAmount(
                      bars.reduce((all, bar) => all + bar.sum, 0n),
                      asset,
                    )}
                  </strong>
                  <span className="soft">{count === 1 ? 'from 1 sale' : `from ${count} sales`}</span>
                </p>
                <Chart bars={bars} span={span} asset={asset} />
              </div>
            )
          })
        }}
      </Answer>
    </section>
  )
}
