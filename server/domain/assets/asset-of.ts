import type { AssetRow } from '../../../db/schema.ts'
import type { Asset } from '../../contract/entities.ts'
import { asAddress, chainName } from '../wire.ts'

export const assetColumns = ['id', 'chain_id', 'address', 'symbol', 'decimals'] as const

export const assetOf = (row: Pick<AssetRow, (typeof assetColumns)[number]>): Asset => ({
  id: row.id,
  chain: chainName(row.chain_id),
  address: asAddress(row.address),
  symbol: row.symbol,
  decimals: row.decimals,
})
