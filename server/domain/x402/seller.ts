import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { Address } from '../../contract/entities.ts'
import type { Chain } from '../../gateways/chain/chain.ts'
import {
  type AuthorizedTransfers,
  authorizedTransfers,
  type TokenDomain,
} from '../../gateways/chain/transfer-authorization.ts'
import type { Clock } from '../../services.ts'
import { type SaleRow, type SaleRows, saleRows } from './sale-rows.ts'

/** How the service sells over HTTP 402. */
export interface SellerOptions {
  db: Kysely<Database>
  clock: Clock
  /** Where our key brings what payers have authorized to the chain. */
  chains: readonly Chain[]
  signer: Address
  /** Whether a buyer must say what they call a payment. */
  identifier: 'optional' | 'required'
  /** Where buyers find this service: scheme, host and port. */
  origin: string
  /** What questions to those who come back are marked with, so that only ours are answered. */
  secret: string
}

/** A chain that is sold on, and what its tokens say. */
export interface Market extends AuthorizedTransfers {
  chain: Chain
}

/** Sells paywalls over HTTP 402. */
export interface Seller extends Omit<SellerOptions, 'db' | 'clock' | 'chains'> {
  rows: SaleRows
  /** Null: nothing is sold on this chain. */
  market(chainId: bigint): Market | null
  /** What the payer of a sale signs for. Null: it is not for sale here. @throws ChainUnavailable */
  domainOf(sale: Pick<SaleRow, 'chain_id' | 'token'>): Promise<TokenDomain | null>
}

export function createSeller({ db, clock, chains, ...rest }: SellerOptions): Seller {
  const markets = new Map(chains.map((chain) => [chain.chainId, { chain, ...authorizedTransfers(chain) }]))
  const market: Seller['market'] = (chainId) => markets.get(Number(chainId)) ?? null
  return {
    ...rest,
    rows: saleRows(db, clock),
    market,
    domainOf: async ({ chain_id, token }) => (await market(chain_id)?.domain(token as Address)) ?? null,
  }
}
