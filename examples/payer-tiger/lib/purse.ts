import 'server-only'
import type { Access, Asset, Balance, Payment, Wallet } from '@provider-service/client'
import { cache } from 'react'
import { assetsById } from './catalogue.ts'
import { asVisitor } from './service.ts'
import { currentUser } from './session.ts'

/** The wallets of whoever is signed in, the oldest first: the one they signed in with, as a rule. */
export const ownWallets = cache(async (): Promise<Wallet[]> => {
  if (!(await currentUser())) return []
  const { items } = await (await asVisitor()).wallets.list.query({ limit: 100 })
  return items.toReversed()
})

export interface Holding {
  wallet: Wallet
  balances: Balance[]
}

/** What each of them holds, read from the chain now. */
export async function holdings(): Promise<Holding[]> {
  const visitor = await asVisitor()
  return Promise.all(
    (await ownWallets()).map(async (wallet) => ({
      wallet,
      balances: await visitor.wallets.balances.query({ walletId: wallet.id }),
    })),
  )
}

/** The access by which whoever is signed in may open a paywall now: the service is asked for each of their wallets. */
export async function openAccess(paywallId: string): Promise<Access | null> {
  const visitor = await asVisitor()
  const checks = await Promise.all(
    (await ownWallets()).map(({ id: walletId }) => visitor.access.check.query({ paywallId, walletId })),
  )
  return checks.find(({ granted }) => granted)?.access ?? null
}

/** Their payment of a paywall that is not over yet, so that a page that is opened in the middle of one goes on with it. */
export async function paymentUnderWay(paywallId: string): Promise<Payment | null> {
  if (!(await currentUser())) return null
  const { items } = await (await asVisitor()).payments.list.query({ paywallId, limit: 20 })
  const isUnderWay = ({ state }: Payment) => ['held', 'accepted', 'submitted', 'attention'].includes(state)
  return items.find(isUnderWay) ?? null
}

export interface Receipt {
  payment: Payment
  asset: Asset
}

/** The payment with what it was in. @throws ProviderServiceError NOT_FOUND */
export async function receiptOf(payment: Payment): Promise<Receipt> {
  const asset = (await assetsById()).get(payment.assetId)
  if (!asset) throw new Error(`The asset of payment ${payment.id} is not there`)
  return { payment, asset }
}
