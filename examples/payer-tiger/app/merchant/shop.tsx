'use client'

import type { Asset } from '@provider-service/client'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { Answer } from '@/components/asked.tsx'
import { Dialog } from '@/components/dialog.tsx'
import { useSurroundings } from '@/components/providers.tsx'
import { useLive } from '@/lib/live.ts'
import { Earnings } from './earnings.tsx'
import { LatestSales } from './latest-sales.tsx'
import { OwnPaywalls } from './own-paywalls.tsx'
import { PaywallForm } from './paywall-form.tsx'
import { readOwn } from './sales.ts'

/** The merchant's room: what was earned, what was sold just now, and what is for sale. */
export function Shop() {
  const { client, user } = useSurroundings()
  const shop = useQuery({
    queryKey: ['shop', user?.id],
    queryFn: async ({ signal }) => {
      const [paywalls, assets] = await Promise.all([
        readOwn(client, user!.id, signal),
        client.assets.list.query({ limit: 100 }, { signal }),
      ])
      return { paywalls, assets: assets.items }
    },
    enabled: user !== null,
  })
  useLive(['payment.*'], ['sales'])
  return (
    <div className="stack loose">
      <header className="page-head">
        <h1>Your shop</h1>
        <p className="lead">What you sell, what it earned, and who pays for it right now.</p>
      </header>
      <Answer query={shop} what="your shop" lines={6}>
        {({ paywalls, assets }) => (
          <>
            {paywalls.length > 0 && (
              <div className="shop-money">
                <Earnings paywalls={paywalls} assets={assets} />
                <LatestSales paywalls={paywalls} assets={assets} />
              </div>
            )}
            <ForSale assets={assets}>
              <OwnPaywalls paywalls={paywalls} assets={assets} />
            </ForSale>
          </>
        )}
      </Answer>
    </div>
  )
}

function ForSale({ assets, children }: { assets: Asset[]; children: React.ReactNode }) {
  const [open, setOpen] = useState(false)
  const [opened, setOpened] = useState<string | null>(null)
  const button = useRef<HTMLButtonElement>(null)
  return (
    <section className="stack" aria-labelledby="for-sale">
      <div className="row row-apart">
        <h2 id="for-sale">For sale</h2>
        <button ref={button} type="button" className="button button-primary" onClick={() => setOpen(true)}>
          New paywall
        </button>
      </div>
      <p role="status" className="small">
        {opened && `“${opened}” is open.`}
      </p>
      {children}
      <Dialog open={open} title="New paywall" onClose={() => setOpen(false)}>
        <PaywallForm
          assets={assets}
          onDone={({ title }) => {
            setOpen(false)
            setOpened(title)
          }}
        />
      </Dialog>
    </section>
  )
}
