import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { Cover } from '@/components/cover.tsx'
import { CheckIcon } from '@/components/icons.tsx'
import { offerOf } from '@/lib/catalogue.ts'
import { minutesOf, pieceOf } from '@/lib/content.ts'
import { openAccess, paymentUnderWay } from '@/lib/purse.ts'
import { currentUser } from '@/lib/session.ts'
import { accessWords, formatMoment } from '@/lib/words.ts'
import { Article } from './article.tsx'
import { Purchase } from './purchase.tsx'

interface Props {
  params: Promise<{ id: string }>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const offer = await offerOf((await params).id)
  return { title: offer?.paywall.title ?? 'Not found' }
}

export default async function PaywallPage({ params }: Props) {
  const { id } = await params
  const [offer, user] = await Promise.all([offerOf(id), currentUser()])
  if (!offer) notFound()
  const { paywall, asset } = offer
  const [piece, access, underWay] = await Promise.all([
    pieceOf(id),
    user && openAccess(id),
    user && paymentUnderWay(id),
  ])
  return (
    <div className="reading">
      <header className="reading-head">
        <div className="reading-cover">
          <Cover seed={paywall.id} />
        </div>
        <p className="eyebrow">{piece ? `${minutesOf(piece)} min read` : 'Piece'}</p>
        <h1 className="display">{paywall.title}</h1>
        {piece && <p className="lead">{piece.teaser}</p>}
      </header>
      {access ? (
        <>
          <p className="row tight small soft" role="status">
            <span className="badge badge-good offer-yours">
              <CheckIcon />
              Unlocked
            </span>
            <span>
              {access.expiresAt ? `Yours until ${formatMoment(access.expiresAt)}` : 'Yours for good'} ·{' '}
              <Link href={`/receipts/${access.paymentId}`}>Receipt</Link>
            </span>
          </p>
          {piece ? (
            <Article piece={piece} />
          ) : (
            <div className="empty">
              <h2>Its author has not put it up yet</h2>
              <p>What you bought is yours: it shows up here as soon as the text is there.</p>
            </div>
          )}
        </>
      ) : (
        <Purchase
          paywall={paywall}
          asset={asset}
          closed={paywall.state !== 'open' || (paywall.expiresAt !== null && paywall.expiresAt.getTime() <= Date.now())}
          terms={accessWords(paywall.accessSeconds)}
          underWay={underWay && { id: underWay.id, walletId: underWay.walletId }}
        />
      )}
    </div>
  )
}
