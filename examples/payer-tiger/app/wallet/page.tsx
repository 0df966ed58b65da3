import type { Metadata } from 'next'
import { SignInButton } from '@/components/account.tsx'
import { WalletIcon } from '@/components/icons.tsx'
import { assetsById } from '@/lib/catalogue.ts'
import { ownWallets } from '@/lib/purse.ts'
import { currentUser } from '@/lib/session.ts'
import { publicSettings } from '@/lib/settings.ts'
import { Purse } from './purse.tsx'

export const metadata: Metadata = { title: 'Wallet' }

export default async function WalletPage() {
  const user = await currentUser()
  if (!user)
    return (
      <div className="empty">
        <span className="empty-art">
          <WalletIcon />
        </span>
        <h1>What you pay from</h1>
        <p>Sign in to see what your wallets hold, and to have one that signs for you.</p>
        <SignInButton />
      </div>
    )
  const [wallets, assets] = await Promise.all([ownWallets(), assetsById()])
  const chains = publicSettings().chains.map(({ id }) => `eip155:${id}`)
  const payable = [...assets.values()].filter(({ chain }) => chains.includes(chain))
  return (
    <>
      <div className="page-head">
        <h1>Wallet</h1>
        <p className="lead">You can pay from the wallet that you signed in with, or from one that we keep for you.</p>
      </div>
      <Purse wallets={wallets} assets={payable} />
    </>
  )
}
