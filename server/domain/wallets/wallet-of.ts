import type { WalletRow } from '../../../db/schema.ts'
import type { Wallet } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type AppPrincipal, confinedTo, overseers } from '../principal.ts'
import { asAddress } from '../wire.ts'

export const walletColumns = ['id', 'kind', 'address', 'owner', 'user_id', 'created_at'] as const

export const walletOf = (row: Pick<WalletRow, (typeof walletColumns)[number]>): Wallet => ({
  id: row.id,
  kind: row.kind,
  address: asAddress(row.address),
  owner: row.owner,
  userId: row.user_id,
  createdAt: row.created_at,
})

/** The wallets that a caller may see. */
export function walletsOf({ db }: Pick<Services, 'db'>, principal: AppPrincipal) {
  const userId = confinedTo(principal, overseers)
  const wallets = db.selectFrom('wallet').select(walletColumns).where('app_id', '=', principal.appId)
  return userId === null ? wallets : wallets.where('user_id', '=', userId)
}
