'use client'

import { useRouter } from 'next/navigation'
import { startTransition } from 'react'

/** What stands in place of a page that could not be made. */
export default function Failed({ error, reset }: { error: Error & { digest?: string }; reset(): void }) {
  const router = useRouter()
  return (
    <div className="empty" role="alert">
      <h1>This page did not come through</h1>
      <p>The part of the shop that knows prices and purchases does not answer. Nothing you bought or paid is lost.</p>
      <button
        type="button"
        className="button button-primary"
        onClick={() =>
          startTransition(() => {
            router.refresh()
            reset()
          })
        }
      >
        Try again
      </button>
      {error.digest && <p className="tiny mono">{error.digest}</p>}
    </div>
  )
}
