import type { Metadata } from 'next'
import { SignInButton } from '@/components/account.tsx'
import { ReceiptIcon } from '@/components/icons.tsx'
import { assetsById } from '@/lib/catalogue.ts'
import { ownWallets } from '@/lib/purse.ts'
import { currentUser } from '@/lib/session.ts'
import { Receipts } from './receipts.tsx'

export const metadata: Metadata = { title: 'Receipts' }

export default async function ReceiptsPage() {
  const user = await currentUser()
  if (!user)
    return (
      <div className="empty">
        <span className="empty-art">
          <ReceiptIcon />
        </span>
        <h1>Your receipts</h1>
        <p>Sign in with the wallet that you bought with.</p>
        <SignInButton />
      </div>
    )
  const [wallets, assets] = await Promise.all([ownWallets(), assetsById()])
  return (
    <>
      <div className="page-head">
        <h1>Receipts</h1>
        <p className="lead">Everything that you paid for, or tried to, from all of your wallets.</p>
      </div>
      <Receipts walletIds={wallets.map(({ id }) => id)} assets={[...assets.values()]} />
    </>
  )
}
