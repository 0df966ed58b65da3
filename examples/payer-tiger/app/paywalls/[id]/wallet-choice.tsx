'use client'

import type { Asset, Wallet } from '@provider-service/client'
import { keyOf, useServiceQuery } from '@provider-service/client/react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useSurroundings } from '@/components/providers.tsx'
import { formatAmount } from '@/lib/money.ts'
import { sentenceFor } from '@/lib/sentences.ts'
import { walletWords } from '@/lib/wallet-words.ts'
import { short } from '@/lib/words.ts'

/** One of the wallets to pay from, with what it holds. */
export function WalletChoice({
  wallet,
  asset,
  price,
  checked,
  onChoose,
}: {
  wallet: Wallet
  asset: Asset
  price: bigint
  checked: boolean
  onChoose(): void
}) {
  const { data: balances } = useServiceQuery((service) => service.wallets.balances, { walletId: wallet.id })
  const balance = balances?.find(({ assetId }) => assetId === asset.id)?.amount ?? (balances ? 0n : null)
  return (
    <label className="choice">
      <input type="radio" name="wallet" value={wallet.id} checked={checked} onChange={onChoose} />
      <span className="stack choice-words">
        <strong>{walletWords(wallet).name}</strong>
        <span className="tiny soft mono">{short(wallet.address)}</span>
      </span>
      {balance === null ? (
        <span className="skeleton amount-skeleton" aria-hidden="true" />
      ) : (
        <span className={`number small ${balance < price ? 'problem' : 'soft'}`}>{formatAmount(balance, asset)}</span>
      )}
    </label>
  )
}

/** Has a custodial wallet made for whoever has none. */
export function OpenWallet({ onOpened }: { onOpened(walletId: string): void }) {
  const { client } = useSurroundings()
  const queries = useQueryClient()
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => client.wallets.open.mutate(),
    async onSuccess({ id }) {
      await queries.invalidateQueries({ queryKey: keyOf((service) => service.wallets.list) })
      onOpened(id)
    },
  })
  return (
    <>
      <button type="button" className="button" aria-disabled={isPending} onClick={() => !isPending && mutate()}>
        {isPending ? 'Opening …' : 'Open a wallet that we keep for you'}
      </button>
      {error && (
        <p className="note note-bad" role="alert">
          {sentenceFor(error)}
        </p>
      )}
    </>
  )
}
