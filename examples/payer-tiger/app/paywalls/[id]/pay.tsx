'use client'

import { type Asset, isProviderError, type Paywall, type Wallet } from '@provider-service/client'
import { keyOf, usePay, usePayment, useServiceQuery } from '@provider-service/client/react'
import { wallet as connectedWallet } from '@provider-service/client/wagmi'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useCallback, useEffect } from 'react'
import { Copy } from '@/components/copy.tsx'
import { GetTestMoney } from '@/components/get-test-money.tsx'
import { Progress } from '@/components/progress.tsx'
import { useSurroundings } from '@/components/providers.tsx'
import { Refused } from '@/components/refused.tsx'
import { formatAmount } from '@/lib/money.ts'
import { isOver } from '@/lib/payment-words.ts'
import { sentenceFor } from '@/lib/sentences.ts'
import { reconnected } from '@/lib/wallets.ts'

/** Pays from one wallet: what it would meet, the button, how it goes, and how it ended. */
export function Pay({
  paywall,
  asset,
  wallet,
  underWay,
  choice,
}: {
  paywall: Paywall
  asset: Asset
  wallet: Wallet
  /** A payment from this wallet that was not over when the page was made. */
  underWay: string | null
  /** To take another wallet, while nothing is on its way. */
  choice: ReactNode
}) {
  const { wallets } = useSurroundings()
  const sign = useCallback(async () => {
    await reconnected(wallets)
    return connectedWallet(wallets)
  }, [wallets])
  const paying = usePay({
    paywallId: paywall.id,
    walletId: wallet.id,
    ...(wallet.kind === 'external' && { wallet: sign }),
  })
  const { state, payment, error, pay, reset } = paying
  const queries = useQueryClient()
  useEffect(() => {
    // what it held was known, and is no longer so
    if (isProviderError(error, 'INSUFFICIENT_BALANCE'))
      void queries.invalidateQueries({ queryKey: keyOf((service) => service.payments.quote) })
  }, [error, queries])
  // one that was begun in another browser is not known here but by the service
  const { data: elsewhere } = usePayment(state === 'idle' ? underWay : null)

  if (elsewhere && !isOver(elsewhere.state))
    return (
      <>
        <div className="note">
          <p className="note-title">You are buying this already</p>
          <p>This payment was begun in another browser. When it is settled, the piece opens here too.</p>
        </div>
        <Progress payment={elsewhere} asset={asset} />
      </>
    )

  switch (state) {
    case 'checking':
      return <span className="skeleton pay-skeleton" role="status" aria-label="Looking how it stands" />
    case 'starting':
    case 'held':
    case 'unsigned':
    case 'signing':
    case 'accepted':
    case 'submitted':
    case 'settled':
    case 'attention':
      return (
        <>
          <Progress
            payment={payment}
            asset={asset}
            external={wallet.kind === 'external'}
            signing={state === 'signing' ? 'asked' : state === 'unsigned' ? 'waits' : undefined}
          />
          {error && state !== 'attention' && <Trouble error={error} asset={asset} wallet={wallet} />}
          {state === 'unsigned' && (
            <button type="button" className="button button-primary button-large" onClick={() => void pay()}>
              Confirm in my wallet
            </button>
          )}
          {state === 'unsigned' && payment?.state === 'accepted' && <TakeBack paymentId={payment.id} />}
        </>
      )
    case 'refused':
      return (
        <>
          <Refused error={error} payment={payment} />
          <button type="button" className="button" onClick={reset}>
            Choose another wallet
          </button>
        </>
      )
    case 'idle':
    case 'failed':
      return (
        <>
          {choice}
          {state === 'failed' && error && <Failed error={error} />}
          <PayButton paywall={paywall} asset={asset} wallet={wallet} pay={pay} again={state === 'failed'} />
        </>
      )
  }
}

/** Gives a payment up that was not handed to a wallet yet, so that another one can pay. */
function TakeBack({ paymentId }: { paymentId: string }) {
  const { client } = useSurroundings()
  const { mutate, isPending, error } = useMutation({ mutationFn: () => client.payments.cancel.mutate({ paymentId }) })
  return (
    <>
      <button type="button" className="button" aria-disabled={isPending} onClick={() => !isPending && mutate()}>
        {isPending ? 'Taking it back …' : 'Take it back'}
      </button>
      {error && (
        <p className="note note-bad" role="alert">
          {sentenceFor(error)}
        </p>
      )}
    </>
  )
}

/** Tells what the payment would meet, and begins it. */
function PayButton({
  paywall,
  asset,
  wallet,
  pay,
  again,
}: {
  paywall: Paywall
  asset: Asset
  wallet: Wallet
  pay(): Promise<void>
  again: boolean
}) {
  const { data: quote } = useServiceQuery(
    (service) => service.payments.quote,
    { paywallId: paywall.id, walletId: wallet.id },
    // money that comes in from elsewhere is no event of the service's
    { refetchInterval: ({ state: { data } }) => (data && data.balance < data.amount ? 4_000 : false) },
  )
  if (quote?.outcome === 'deny') return <Refused checks={quote.checks} beforehand />
  if (quote && quote.balance < quote.amount)
    return <TooLittle asset={asset} wallet={wallet} lacking={quote.amount - quote.balance} />
  return (
    <>
      {quote?.outcome === 'review' && (
        <p className="note note-warn">
          Somebody of the shop looks at a payment like this before it goes on its way. You are told here when they have.
        </p>
      )}
      <button type="button" className="button button-primary button-large" onClick={() => void pay()}>
        {again ? 'Try again' : `Pay ${formatAmount(paywall.price, asset)}`}
      </button>
      {wallet.kind === 'external' && <p className="tiny soft">Your wallet will ask you to confirm it.</p>}
    </>
  )
}

function TooLittle({ asset, wallet, lacking }: { asset: Asset; wallet: Wallet; lacking: bigint }) {
  const { settings } = useSurroundings()
  return (
    <div className="note note-warn">
      <p className="note-title">{formatAmount(lacking, asset)} are missing in this wallet</p>
      <p>
        Send {asset.symbol} to <Copy value={wallet.address} what="the address" />, or choose another wallet.
      </p>
      {settings.sandbox && (
        <p>
          <GetTestMoney walletId={wallet.id} asset={asset} />
        </p>
      )}
    </div>
  )
}

function Failed({ error }: { error: unknown }) {
  // what is missing is told beside the button
  if (isProviderError(error, 'INSUFFICIENT_BALANCE')) return null
  const mayBeSigned =
    isProviderError(error, 'PAYMENT_NOT_SETTLED') && ['not_signed', 'not_on_chain'].includes(error.details.reason)
  return (
    <div className="note note-bad" role="alert">
      <p className="note-title">{mayBeSigned ? 'No payment was seen' : 'Nothing was paid'}</p>
      <p>{sentenceFor(error)}</p>
      {mayBeSigned && (
        <p>Before you try again, close the old request in your wallet, and look there whether it was sent.</p>
      )}
    </div>
  )
}

/** Something is in the way, and the payment is not lost. */
function Trouble({ error, asset, wallet }: { error: unknown; asset: Asset; wallet: Wallet }) {
  if (isProviderError(error, 'INSUFFICIENT_BALANCE')) {
    const { price, balance } = error.details
    return <TooLittle asset={asset} wallet={wallet} lacking={BigInt(price) - BigInt(balance)} />
  }
  if (isProviderError(error, 'REFUSED_BY_COMPLIANCE')) return <Refused error={error} />
  const away = isProviderError(error) && error.retryable && !/^(WALLET|WRONG)_/.test(error.code)
  return (
    <div className="note note-warn" role="alert">
      {away ? (
        <>
          <p className="note-title">Our till does not answer right now</p>
          <p>We keep asking. Nothing is lost, and nothing is paid twice: you may stay, reload or come back later.</p>
        </>
      ) : (
        <p>{sentenceFor(error)}</p>
      )}
    </div>
  )
}
