'use client'

import { type Asset, intentions, isProviderError, type Paywall } from '@provider-service/client'
import { usePayment, useServiceQuery } from '@provider-service/client/react'
import { useMutation } from '@tanstack/react-query'
import Link from 'next/link'
import { useEffect } from 'react'
import { Progress } from '@/components/progress.tsx'
import { useSurroundings } from '@/components/providers.tsx'
import { Refused } from '@/components/refused.tsx'
import { explorerUrl } from '@/lib/explorer.ts'
import { formatAmount } from '@/lib/money.ts'
import { sentenceFor } from '@/lib/sentences.ts'
import { short } from '@/lib/words.ts'

/** Tells the service of a transaction that paid a paywall from the visitor's own wallet, and follows what comes of it. */
export function Claim({ paywall, asset, hash }: { paywall: Paywall; asset: Asset; hash: `0x${string}` }) {
  const { client, user, settings } = useSurroundings()
  const { data: wallets } = useServiceQuery((service) => service.wallets.list, { limit: 100 })
  const own = wallets?.items.filter(({ kind }) => kind === 'external') ?? []
  const wallet = own.find(({ address }) => address === user?.address) ?? own[0]
  const claim = useMutation({
    async mutationFn(walletId: string) {
      const kept = intentions()
      const name = `claim of ${hash}`
      for (;;) {
        const idempotencyKey = await kept.keyOf(name)
        const made = await client.payments.create.mutate({ paywallId: paywall.id, walletId, idempotencyKey })
        if (made.replayed && ['expired', 'cancelled', 'refused'].includes(made.state)) {
          await kept.end(name, idempotencyKey)
          continue
        }
        if (made.state !== 'held') await client.payments.submitted.mutate({ paymentId: made.id, hash })
        return made.id
      }
    },
  })
  const { data: payment } = usePayment(claim.data)
  const isApproved = payment?.state === 'accepted' && payment.transactionHash === null
  const report = useMutation({
    mutationFn: (paymentId: string) => client.payments.submitted.mutate({ paymentId, hash }),
  })
  const { mutate: tell, isIdle: isUntold } = report
  // an officer has looked at it meanwhile
  useEffect(() => {
    if (isApproved && isUntold && claim.data) tell(claim.data)
  }, [isApproved, isUntold, claim.data, tell])
  const explorer = explorerUrl(settings.chains, asset.chain, hash)

  if (payment)
    return (
      <section className="card stack" aria-label="Your purchase">
        {payment.state === 'refused' ? (
          <Refused payment={payment} />
        ) : (
          <Progress payment={payment} asset={asset} external />
        )}
        {payment.failure && payment.state === 'failed' && (
          <p className="note note-bad" role="alert">
            {payment.failure.message}
          </p>
        )}
        {report.error && <Problem error={report.error} />}
        {payment.state === 'settled' && (
          <Link className="button button-primary button-large" href={`/paywalls/${paywall.id}`}>
            Read it
          </Link>
        )}
      </section>
    )
  return (
    <section className="card stack" aria-label="Your purchase">
      <dl className="facts">
        <div>
          <dt>Price</dt>
          <dd className="number">{formatAmount(paywall.price, asset)}</dd>
        </div>
        <div>
          <dt>Transaction</dt>
          <dd className="mono">{explorer ? <a href={explorer}>{short(hash)}</a> : short(hash)}</dd>
        </div>
        <div>
          <dt>Paid from</dt>
          <dd className="mono">{wallet ? wallet.address : wallets ? 'None of your wallets' : '…'}</dd>
        </div>
      </dl>
      {claim.error && <Problem error={claim.error} />}
      {wallets && !wallet ? (
        <p className="note note-warn">
          You are signed in without a wallet of your own. Sign in with the one that paid.
        </p>
      ) : (
        <button
          type="button"
          className="button button-primary button-large"
          aria-disabled={claim.isPending || !wallet}
          onClick={() => wallet && !claim.isPending && claim.mutate(wallet.id)}
        >
          {claim.isPending ? 'Looking at the chain …' : 'It was me: unlock it'}
        </button>
      )}
    </section>
  )
}

function Problem({ error }: { error: unknown }) {
  if (isProviderError(error, 'REFUSED_BY_COMPLIANCE')) return <Refused error={error} />
  return (
    <p className="note note-bad" role="alert">
      {sentenceFor(error)}
    </p>
  )
}
