import { createHash, randomUUID } from 'node:crypto'
import { getAddress } from 'viem'
import { transaction } from '../../../db/transaction.ts'
import type { Wallet } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import type { AppPrincipal } from '../principal.ts'
import { walletColumns, walletOf } from './wallet-of.ts'

/**
 * Makes the custodial wallet of an owner at the wallet provider, or answers with the one there is: an owner has one per app.
 * With a user, the wallet is theirs.
 *
 * @throws PROVIDER_REFUSED, PROVIDER_UNAVAILABLE; in both cases the same call may be repeated
 */
export async function createWallet(
  services: Services,
  principal: AppPrincipal,
  { owner, userId }: { owner: string; userId: string | null },
): Promise<Wallet> {
  const known = await walletOfOwner(services, principal, owner)
  if (known) return known

  const made = await services.provider.createWallet({
    owner: `${principal.appId}.${owner}`,
    idempotencyKey: createHash('sha256').update(`wallet ${principal.appId} ${owner}`).digest('hex'),
  })
  const address = getAddress(made.address)
  return transaction(
    services.db,
    async (trx) => {
      const raced = await walletOfOwner({ ...services, db: trx }, principal, owner)
      if (raced) return raced
      const id = randomUUID()
      const now = services.clock.now()
      const step = nextStep(emptyTrail, {
        object: { type: 'wallet', id, appId: principal.appId },
        principal,
        type: 'wallet.created',
        at: now,
        data: { address, kind: 'custodial', owner, provider: services.provider.name, user: userId },
      })
      const row = { id, kind: 'custodial' as const, address, owner, user_id: userId, created_at: now }
      await trx
        .insertInto('wallet')
        .values({ ...row, app_id: principal.appId, provider: services.provider.name, ...step.head })
        .execute()
      await append(trx, step)
      return walletOf(row)
    },
    { idempotent: true, retryOn: (error) => (error as { code?: string }).code === '23505' },
  )
}

async function walletOfOwner(
  { db }: Pick<Services, 'db'>,
  principal: AppPrincipal,
  owner: string,
): Promise<Wallet | null> {
  const row = await db
    .selectFrom('wallet')
    .select(walletColumns)
    .where('app_id', '=', principal.appId)
    .where('kind', '=', 'custodial')
    .where('owner', '=', owner)
    .executeTakeFirst()
  return row ? walletOf(row) : null
}
