import Link from 'next/link'
import { Cover } from '@/components/cover.tsx'
import { CheckIcon } from '@/components/icons.tsx'
import { type Offer, offers } from '@/lib/catalogue.ts'
import { minutesOf, pieceOf } from '@/lib/content.ts'
import { formatAmount } from '@/lib/money.ts'
import { unlockedPaywalls } from '@/lib/shelf.ts'
import { accessWords } from '@/lib/words.ts'

export default async function Library() {
  const [all, unlocked] = await Promise.all([offers(), unlockedPaywalls()])
  return (
    <>
      <div className="page-head">
        <h1 className="display">Reading worth paying for.</h1>
        <p className="lead">
          No subscription, no adverts. Pick a piece, pay its author, and it is yours within seconds.
        </p>
      </div>
      {all.length === 0 ? (
        <div className="empty">
          <h2>The shelves are empty</h2>
          <p>Nothing is on sale right now. New pieces show up here as soon as a merchant puts them up.</p>
        </div>
      ) : (
        <ul className="grid shelf">
          {all.map((offer) => (
            <li key={offer.paywall.id}>
              <OfferCard offer={offer} unlocked={unlocked.has(offer.paywall.id)} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

async function OfferCard({ offer: { paywall, asset }, unlocked }: { offer: Offer; unlocked: boolean }) {
  const piece = await pieceOf(paywall.id)
  return (
    <article className="offer">
      <div className="offer-cover">
        <Cover seed={paywall.id} />
      </div>
      <div className="offer-words">
        <h2>
          <Link href={`/paywalls/${paywall.id}`}>{paywall.title}</Link>
        </h2>
        {piece && <p className="soft small offer-teaser">{piece.teaser}</p>}
        <div className="offer-foot">
          {unlocked ? (
            <span className="badge badge-good offer-yours">
              <CheckIcon />
              Unlocked
            </span>
          ) : (
            <span className="price number">{formatAmount(paywall.price, asset)}</span>
          )}
          <span className="tiny soft">
            {piece ? `${minutesOf(piece)} min read` : accessWords(paywall.accessSeconds)}
          </span>
        </div>
      </div>
    </article>
  )
}
