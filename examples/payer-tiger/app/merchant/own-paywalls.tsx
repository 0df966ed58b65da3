'use client'

import type { Asset, Paywall } from '@provider-service/client'
import { keyOf } from '@provider-service/client/react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { Dialog } from '@/components/dialog.tsx'
import { useSurroundings } from '@/components/providers.tsx'
import { formatAmount } from '@/lib/money.ts'
import { sentenceFor } from '@/lib/sentences.ts'
import { spanWords } from '@/lib/spans.ts'
import { formatMoment, short } from '@/lib/words.ts'
import { PaywallForm } from './paywall-form.tsx'

/** What a merchant sells, with what can be done about it. */
export function OwnPaywalls({ paywalls, assets }: { paywalls: Paywall[]; assets: Asset[] }) {
  const [edited, setEdited] = useState<Paywall | null>(null)
  const [archived, setArchived] = useState<Paywall | null>(null)
  const units = new Map(assets.map((asset) => [asset.id, asset]))
  if (paywalls.length === 0)
    return (
      <div className="empty">
        <h3>Nothing is for sale yet</h3>
        <p>Open a paywall: a title, a price, and the wallet that the money goes to. It is in the library at once.</p>
      </div>
    )
  return (
    <>
      <ul className="grid">
        {paywalls.map((paywall) => {
          const unit = units.get(paywall.assetId)
          const over = paywall.expiresAt !== null && paywall.expiresAt <= new Date()
          const open = paywall.state === 'open'
          return (
            <li key={paywall.id} className="card stack tight paywall">
              <p className="row row-apart">
                <strong className="number">{unit ? formatAmount(paywall.price, unit) : '…'}</strong>
                <span className={`badge ${open && !over ? 'badge-good' : ''}`}>
                  {open ? (over ? 'Over' : 'Open') : 'Archived'}
                </span>
              </p>
              <h3>{open ? <Link href={`/paywalls/${paywall.id}`}>{paywall.title}</Link> : paywall.title}</h3>
              <p className="small soft">
                {paywall.accessSeconds === null ? 'Access for good' : `Access for ${spanWords(paywall.accessSeconds)}`}{' '}
                · to <span className="mono">{short(paywall.recipient)}</span>
              </p>
              {paywall.expiresAt && (
                <p className="small soft">
                  {over ? 'Closed' : 'Closes'} {formatMoment(paywall.expiresAt)}
                </p>
              )}
              {open && (
                <p className="row paywall-actions">
                  <button type="button" className="button button-small" onClick={() => setEdited(paywall)}>
                    Edit<span className="visually-hidden"> “{paywall.title}”</span>
                  </button>
                  <button
                    type="button"
                    className="button button-small button-quiet"
                    onClick={() => setArchived(paywall)}
                  >
                    Archive<span className="visually-hidden"> “{paywall.title}”</span>
                  </button>
                </p>
              )}
            </li>
          )
        })}
      </ul>
      <Dialog open={edited !== null} title="Edit" onClose={() => setEdited(null)}>
        {edited && <PaywallForm assets={assets} paywall={edited} onDone={() => setEdited(null)} />}
      </Dialog>
      <Dialog open={archived !== null} title="Close it for good?" onClose={() => setArchived(null)}>
        {archived && <Archiving paywall={archived} onDone={() => setArchived(null)} />}
      </Dialog>
    </>
  )
}

function Archiving({ paywall, onDone }: { paywall: Paywall; onDone(): void }) {
  const { client } = useSurroundings()
  const queries = useQueryClient()
  const archive = useMutation({
    mutationFn: () => client.paywalls.archive.mutate({ paywallId: paywall.id }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keyOf((service) => service.paywalls) })
      onDone()
    },
  })
  return (
    <>
      <p>
        “{paywall.title}” leaves the library, and nobody can buy it any more. Who has bought it keeps it. This cannot be
        undone.
      </p>
      {archive.error && (
        <div className="note note-bad" role="alert">
          {sentenceFor(archive.error)}
        </div>
      )}
      <p className="row">
        <button
          type="button"
          className="button button-danger"
          aria-disabled={archive.isPending}
          onClick={() => !archive.isPending && archive.mutate()}
        >
          {archive.isPending ? 'Archiving …' : 'Archive it'}
        </button>
        <button type="button" className="button button-quiet" onClick={onDone}>
          Keep it open
        </button>
      </p>
    </>
  )
}
