import type { Kysely } from 'kysely'
import type { Database, WalletRow } from '../../../db/schema.ts'
import type { Wallet } from '../../contract/entities.ts'
import { append, nextStep } from '../audit/trail.ts'
import type { Principal } from '../principal.ts'
import { type walletColumns, walletOf } from './wallet-of.ts'

/** A wallet that has paid without anybody signing in with it: whoever proves it has it, and what it bought. */
export const isUnclaimed = ({ kind, user_id }: Pick<WalletRow, 'kind' | 'user_id'>): boolean =>
  kind === 'external' && user_id === null

/** Gives such a wallet to the user who has proven it. */
export async function claimWallet(
  trx: Kysely<Database>,
  principal: Principal,
  row: Pick<WalletRow, (typeof walletColumns)[number] | 'version' | 'audit_head'>,
  { appId, userId, at }: { appId: string; userId: string; at: Date },
): Promise<Wallet> {
  const step = nextStep(row, {
    object: { type: 'wallet', id: row.id, appId },
    principal,
    type: 'wallet.linked',
    at,
    data: { address: row.address, user: userId },
  })
  await trx
    .updateTable('wallet')
    .set({ user_id: userId, ...step.head })
    .where('id', '=', row.id)
    .execute()
  await append(trx, step)
  return walletOf({ ...row, user_id: userId })
}
