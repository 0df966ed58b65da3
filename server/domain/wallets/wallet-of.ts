import type { WalletRow } from '../../../db/schema.ts'
import type { Wallet } from '../../contract/entities.ts'
import { asAddress } from '../wire.ts'

export const walletColumns = ['id', 'kind', 'address', 'owner', 'created_at'] as const

export const walletOf = (row: Pick<WalletRow, (typeof walletColumns)[number]>): Wallet => ({
  id: row.id,
  kind: row.kind,
  address: asAddress(row.address),
  owner: row.owner,
  createdAt: row.created_at,
})
