'use client'

import type { Asset, Wallet } from '@provider-service/client'
import { keyOf, useServiceQuery } from '@provider-service/client/react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Copy } from '@/components/copy.tsx'
import { GetTestMoney } from '@/components/get-test-money.tsx'
import { useSurroundings } from '@/components/providers.tsx'
import { formatAmount } from '@/lib/money.ts'
import { sentenceFor } from '@/lib/sentences.ts'
import { walletWords } from '@/lib/wallet-words.ts'

/** The wallets of whoever is signed in, and what they hold of what can be paid with here. */
export function Purse({ wallets: known, assets }: { wallets: Wallet[]; assets: Asset[] }) {
  const { data } = useServiceQuery(
    (service) => service.wallets.list,
    { limit: 100 },
    { select: ({ items }) => items.toReversed() },
  )
  const wallets = data ?? known
  return (
    <div className="grid purse">
      {wallets.map((wallet) => (
        <WalletCard key={wallet.id} wallet={wallet} assets={assets} />
      ))}
      {!wallets.some(({ kind }) => kind === 'custodial') && <OpenWallet />}
    </div>
  )
}

function WalletCard({ wallet, assets }: { wallet: Wallet; assets: Asset[] }) {
  const { settings } = useSurroundings()
  const { name, about } = walletWords(wallet)
  const { data: balances, error } = useServiceQuery((service) => service.wallets.balances, { walletId: wallet.id })
  return (
    <section className="card stack" aria-labelledby={`wallet-${wallet.id}`}>
      <div className="row row-apart">
        <h2 id={`wallet-${wallet.id}`}>{name}</h2>
        <Copy value={wallet.address} what="the address" />
      </div>
      <p className="soft small">{about}</p>
      <ul className="stack tight">
        {assets.map((asset) => {
          const balance = balances?.find(({ assetId }) => assetId === asset.id)
          return (
            <li key={asset.id} className="row row-apart holding">
              {balances || error ? (
                <strong className="number amount">
                  {balances ? formatAmount(balance?.amount ?? 0n, asset) : 'Unknown right now'}
                </strong>
              ) : (
                <span className="skeleton amount-skeleton" role="status">
                  <span className="visually-hidden">Asking the chain …</span>
                </span>
              )}
              {settings.sandbox && <GetTestMoney walletId={wallet.id} asset={asset} />}
            </li>
          )
        })}
      </ul>
      {error && (
        <p className="note note-warn" role="alert">
          {sentenceFor(error)}
        </p>
      )}
    </section>
  )
}

function OpenWallet() {
  const { client } = useSurroundings()
  const queries = useQueryClient()
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => client.wallets.open.mutate(),
    onSuccess: () => queries.invalidateQueries({ queryKey: keyOf((service) => service.wallets) }),
  })
  return (
    <section className="card card-quiet stack" aria-labelledby="open-wallet">
      <h2 id="open-wallet">A wallet with us</h2>
      <p className="soft small">
        We keep its key and sign for you: a payment is one click, without a fee of the network and without a wallet to
        confirm in.
      </p>
      <button
        type="button"
        className="button button-primary"
        aria-disabled={isPending}
        onClick={() => !isPending && mutate()}
      >
        {isPending ? 'Opening …' : 'Open my wallet'}
      </button>
      {error && (
        <p className="note note-bad" role="alert">
          {sentenceFor(error)}
        </p>
      )}
    </section>
  )
}
