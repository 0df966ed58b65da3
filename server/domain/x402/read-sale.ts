import type { TokenDomain } from '../../gateways/chain/transfer-authorization.ts'
import { DomainError, notFound } from '../domain-error.ts'
import type { SaleRow } from './sale-rows.ts'
import type { Market, Seller } from './seller.ts'

/** A paywall as it is for sale now, where, and what its buyers sign for. */
export interface Sale {
  sale: SaleRow
  market: Market
  domain: TokenDomain
}

/**
 * Reads what is for sale, and what a payment for it already is.
 *
 * @throws NOT_FOUND, CHAIN_NOT_SUPPORTED, CHAIN_UNAVAILABLE
 */
export async function readSale(
  seller: Seller,
  paywallId: string,
  { payer, nonce, identifier }: { payer: string; nonce: string; identifier: string | null },
): Promise<Sale> {
  const sale = await seller.rows({ paywallId, payer, nonce, identifier: identifier ?? '' })
  if (!sale) throw notFound('paywall')
  const market = seller.market(sale.chain_id)
  const domain = await seller.domainOf(sale)
  if (!market || !domain)
    throw new DomainError(
      'CHAIN_NOT_SUPPORTED',
      `This paywall is not sold over x402: its token on chain eip155:${sale.chain_id} takes no authorized transfers here. Pay it with payments.create.`,
    )
  return { sale, market, domain }
}

/** @throws PAYWALL_CLOSED */
export function requireOpen({ open }: SaleRow): void {
  if (!open) throw new DomainError('PAYWALL_CLOSED', 'This paywall is closed and sells nothing any more.')
}
