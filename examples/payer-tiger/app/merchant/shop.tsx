'use client'

import type { Asset } from '@provider-service/client'
import { keyOf, useServiceQuery } from '@provider-service/client/react'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { Answer } from '@/components/asked.tsx'
import { Dialog } from '@/components/dialog.tsx'
import { useSurroundings } from '@/components/providers.tsx'
import { Earnings } from './earnings.tsx'
import { LatestSales } from './latest-sales.tsx'
import { OwnPaywalls } from './own-paywalls.tsx'
import { PaywallForm } from './paywall-form.tsx'
import { readOwn } from './sales.ts'

/** The merchant's room: what was earned, what was sold just now, and what is for sale. */
export function Shop() {
  const { client, user, settings } = useSurroundings()
  const own = useQuery({
    queryKey: [...keyOf((service) => service.paywalls.list, { limit: 100 }), 'own', user?.id],
    queryFn: ({ signal }) => readOwn(client, user!.id, signal),
    enabled: user !== null,
    retry: false,
  })
  const assets = useServiceQuery((service) => service.assets.list, { limit: 100 }, { staleTime: 600_000 })
  const payable = assets.data?.items.filter(({ chain }) => settings.chains.some(({ id }) => chain === `eip155:${id}`))
  const shop = {
    data: own.data && payable && { paywalls: own.data, assets: payable },
    error: own.error ?? assets.error,
    refetch: () => Promise.all([own.refetch(), assets.refetch()]),
  }
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
