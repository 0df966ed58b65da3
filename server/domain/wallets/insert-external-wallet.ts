import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { Address, Wallet } from '../../contract/entities.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import type { Principal } from '../principal.ts'
import { walletOf } from './wallet-of.ts'

/** Writes a wallet that a user has proven to be theirs. */
export async function insertExternalWallet(
  trx: Kysely<Database>,
  principal: Principal,
  proven: { appId: string; userId: string; address: Address; chainId: bigint; createdAt: Date },
): Promise<Wallet> {
  const { appId, userId, address, chainId, createdAt } = proven
  const id = randomUUID()
  const step = nextStep(emptyTrail, {
    object: { type: 'wallet', id, appId },
    principal,
    type: 'wallet.created',
    at: createdAt,
    data: { address, chain: String(chainId), kind: 'external', owner: address, provider: 'none', user: userId },
  })
  const row = { id, kind: 'external' as const, address, owner: address, user_id: userId, created_at: createdAt }
  await trx
    .insertInto('wallet')
    .values({ ...row, app_id: appId, provider: 'none', chain_id: chainId, ...step.head })
    .execute()
  await append(trx, step)
  return walletOf(row)
}
