import type { Services } from '../../services.ts'
import { DomainError } from '../domain-error.ts'
import type { PaidFrom } from './known-balances.ts'

/** @throws INSUFFICIENT_BALANCE, CHAIN_UNAVAILABLE */
export async function requireBalance(services: Services, offer: PaidFrom): Promise<void> {
  const balance = await services.balances.atLeast(offer)
  if (balance >= offer.amount) return
  throw new DomainError(
    'INSUFFICIENT_BALANCE',
    `The wallet holds ${balance} and the price is ${offer.amount} base units of ${offer.asset.symbol}. Fund ${offer.wallet.address} and try again with the same idempotency key.`,
    { balance: String(balance), price: String(offer.amount), assetId: offer.asset.id, wallet: offer.wallet.address },
  )
}
