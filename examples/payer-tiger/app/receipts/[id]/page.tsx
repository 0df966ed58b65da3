import { isProviderError, type Payment } from '@provider-service/client'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { SignInButton } from '@/components/account.tsx'
import { assetsById, offerOf } from '@/lib/catalogue.ts'
import { asVisitor } from '@/lib/service.ts'
import { currentUser } from '@/lib/session.ts'
import { Receipt } from './receipt.tsx'

export const metadata: Metadata = { title: 'Receipt' }

export default async function ReceiptPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  if (!(await currentUser()))
    return (
      <div className="empty">
        <h1>A receipt is its payer's</h1>
        <p>Sign in with the wallet that paid to see it.</p>
        <SignInButton />
      </div>
    )
  const payment = await paymentOf(id)
  const [offer, assets] = await Promise.all([offerOf(payment.paywallId), assetsById()])
  const asset = assets.get(payment.assetId)
  if (!asset) notFound()
  return <Receipt payment={payment} asset={asset} title={offer?.paywall.title ?? 'A piece that is gone'} />
}

async function paymentOf(paymentId: string): Promise<Payment> {
  try {
    return await (await asVisitor()).payments.get.query({ paymentId })
  } catch (error) {
    if (isProviderError(error, 'NOT_FOUND', 'INVALID_INPUT')) notFound()
    throw error
  }
}
