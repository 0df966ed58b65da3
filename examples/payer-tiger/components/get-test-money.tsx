'use client'

import type { Asset } from '@provider-service/client'
import { keyOf } from '@provider-service/client/react'
import { useMutation, useQueryClient } from '@tanstack/react-query'

/** Fills a wallet, where nothing is worth anything. */
export function GetTestMoney({ walletId, asset }: { walletId: string; asset: Asset }) {
  const queries = useQueryClient()
  const { mutate, isPending, isSuccess, isError } = useMutation({
    async mutationFn() {
      const response = await fetch('/sandbox/fund', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ walletId, assetId: asset.id }),
      })
      if (!response.ok) throw new Error(await response.text())
    },
    async onSuccess() {
      await Promise.all(
        [keyOf((service) => service.wallets.balances), keyOf((service) => service.payments.quote)].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      )
    },
  })
  return (
    <>
      <button
        type="button"
        className="button button-small"
        aria-disabled={isPending}
        onClick={() => !isPending && mutate()}
      >
        {isPending ? 'Minting …' : `Get test ${asset.symbol}`}
      </button>
      <span role="status" className="visually-hidden">
        {isSuccess && `You have 100 test ${asset.symbol} more.`}
      </span>
      {isError && (
        <span role="alert" className="tiny problem">
          The faucet did not answer. Try again.
        </span>
      )}
    </>
  )
}
