import type { Kysely } from 'kysely'
import type { Database, EercTokenRow } from '../../../db/schema.ts'
import type { EercToken } from '../../contract/eerc.ts'
import { createProfile } from '../../gateways/chain/tokens/create-profile.ts'
import type { TokenCapabilities, TokenProfile } from '../../gateways/chain/tokens/token-profile.ts'
import { asAddress, chainName } from '../wire.ts'

export const tokenColumns = [
  'eerc_token.id',
  'eerc_token.asset_id',
  'eerc_token.kind',
  'eerc_token.standard',
  'eerc_token.agent_wallet_id',
  'eerc_token.capabilities',
  'eerc_token.roles',
  'eerc_token.created_at',
  'asset.chain_id',
  'asset.address',
  'asset.symbol',
  'asset.decimals',
] as const

/** The tokens of an app, joined with the asset of each. */
export const tokensOf = (db: Kysely<Database>, { appId }: { appId: string }) =>
  db
    .selectFrom('eerc_token')
    .innerJoin('asset', 'asset.id', 'eerc_token.asset_id')
    .where('eerc_token.app_id', '=', appId)

export type TokenFields = Pick<
  EercTokenRow,
  'id' | 'asset_id' | 'kind' | 'standard' | 'agent_wallet_id' | 'capabilities' | 'roles' | 'created_at'
> & { chain_id: bigint; address: string; symbol: string; decimals: number }

/** A token as its clients see it. */
export const tokenOf = (row: TokenFields): EercToken => ({
  id: row.id,
  assetId: row.asset_id,
  chain: chainName(row.chain_id),
  address: asAddress(row.address),
  kind: row.kind,
  standard: row.standard,
  symbol: row.symbol,
  decimals: row.decimals,
  agentWalletId: row.agent_wallet_id,
  capabilities: row.capabilities,
  roles: row.roles,
  createdAt: row.created_at,
})

/** How a token is spoken to; null of an encrypted one. */
export const profileOf = ({
  standard,
  address,
  capabilities,
}: Pick<TokenFields, 'standard' | 'address' | 'capabilities'>): TokenProfile | null =>
  // what a probe found, as it was stored
  standard && createProfile(standard, asAddress(address), capabilities as TokenCapabilities)
