import type { Metadata } from 'next'
import Link from 'next/link'
import { SignInButton } from '@/components/account.tsx'
import { offerOf } from '@/lib/catalogue.ts'
import { currentUser } from '@/lib/session.ts'
import { Claim } from './claim.tsx'

export const metadata: Metadata = { title: 'Finish a purchase' }

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

/** Where a mini-app sends people who have paid in it: `/claim?paywall=…&hash=…`. */
export default async function ClaimPage({ searchParams }: Props) {
  const { paywall: paywallId, hash } = await searchParams
  const isHash = typeof hash === 'string' && /^0x[0-9a-fA-F]{64}$/.test(hash)
  const [offer, user] = await Promise.all([typeof paywallId === 'string' ? offerOf(paywallId) : null, currentUser()])
  if (!offer || !isHash)
    return (
      <div className="empty">
        <h1>This link is not whole</h1>
        <p>It should name a piece and the transaction that paid for it. Open it again from where you paid.</p>
        <Link className="button button-primary" href="/">
          To the library
        </Link>
      </div>
    )
  return (
    <div className="receipt">
      <div className="page-head">
        <p className="eyebrow">You paid elsewhere</p>
        <h1>{offer.paywall.title}</h1>
        <p className="lead">Sign in with the wallet that paid, and the piece is yours here.</p>
      </div>
      {user ? (
        <Claim paywall={offer.paywall} asset={offer.asset} hash={hash as `0x${string}`} />
      ) : (
        <SignInButton className="button button-primary button-large">Sign in with that wallet</SignInButton>
      )}
    </div>
  )
}
