'use client'

import type { Asset, Paywall, Wallet } from '@provider-service/client'
import { useAccess, useServiceQuery } from '@provider-service/client/react'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { SignInButton } from '@/components/account.tsx'
import { LockIcon } from '@/components/icons.tsx'
import { useSurroundings } from '@/components/providers.tsx'
import { formatAmount } from '@/lib/money.ts'
import { sentenceFor } from '@/lib/sentences.ts'
import { Pay } from './pay.tsx'
import { OpenWallet, WalletChoice } from './wallet-choice.tsx'

/** What stands before a piece: its price, and the way to pay it. */
export function Purchase({
  paywall,
  asset,
  closed,
  terms,
  underWay,
}: {
  paywall: Paywall
  asset: Asset
  /** Nothing is sold any more. */
  closed: boolean
  /** For how long it is bought. */
  terms: string
  /** A payment of it that is not over, begun here or elsewhere. */
  underWay: { id: string; walletId: string } | null
}) {
  const { user } = useSurroundings()
  return (
    <section className="card purchase" aria-labelledby="purchase">
      <div className="row row-apart">
        <h2 id="purchase" className="row tight">
          <span className="purchase-lock">
            <LockIcon />
          </span>
          Read the whole piece
        </h2>
        <p className="stack purchase-price">
          <span className="price number">{formatAmount(paywall.price, asset)}</span>
          <span className="tiny soft">{terms}</span>
        </p>
      </div>
      {closed && !underWay ? (
        <div className="note">
          <p className="note-title">No longer on sale</p>
          <p>Its merchant has closed it. Whoever bought it before keeps it.</p>
        </div>
      ) : user ? (
        <Till paywall={paywall} asset={asset} underWay={underWay} />
      ) : (
        <div className="stack">
          <p className="soft">Sign in with a wallet first: what you buy is kept with it, and opens on every device.</p>
          <SignInButton className="button button-primary button-large">Sign in to buy</SignInButton>
        </div>
      )}
    </section>
  )
}

function Till({
  paywall,
  asset,
  underWay,
}: {
  paywall: Paywall
  asset: Asset
  underWay: { id: string; walletId: string } | null
}) {
  const { data: wallets, error } = useServiceQuery(
    (service) => service.wallets.list,
    { limit: 100 },
    { select: ({ items }) => items.toReversed() },
  )
  const [chosen, choose] = useState<string | null>(underWay?.walletId ?? null)
  if (!wallets)
    return error ? (
      <p className="note note-warn" role="alert">
        {sentenceFor(error)}
      </p>
    ) : (
      <div className="stack tight" role="status">
        <span className="visually-hidden">Looking for your wallets …</span>
        <span className="skeleton choice-skeleton" />
        <span className="skeleton choice-skeleton" />
      </div>
    )
  const wallet = wallets.find(({ id }) => id === chosen) ?? wallets[0]
  return (
    <div className="stack">
      {wallets.map(({ id }) => (
        <OpenWhenBought key={id} paywallId={paywall.id} walletId={id} />
      ))}
      {wallet && (
        <Pay
          key={wallet.id}
          paywall={paywall}
          asset={asset}
          wallet={wallet}
          underWay={underWay?.walletId === wallet.id ? underWay.id : null}
          choice={
            <fieldset className="stack tight">
              <legend className="label">Pay from</legend>
              {wallets.map((one: Wallet) => (
                <WalletChoice
                  key={one.id}
                  wallet={one}
                  asset={asset}
                  price={paywall.price}
                  checked={one.id === wallet.id}
                  onChoose={() => choose(one.id)}
                />
              ))}
              {!wallets.some(({ kind }) => kind === 'custodial') && <OpenWallet onOpened={choose} />}
            </fieldset>
          }
        />
      )}
    </div>
  )
}

/** Has the page made again when a wallet may open it: paid here, in another tab, or anywhere else. */
function OpenWhenBought({ paywallId, walletId }: { paywallId: string; walletId: string }) {
  const router = useRouter()
  const { data } = useAccess(paywallId, walletId)
  const granted = data?.granted === true
  useEffect(() => {
    if (granted) router.refresh()
  }, [granted, router])
  return null
}
