import { transaction } from '../../../db/transaction.ts'
import type { Wallet } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { append, nextStep } from '../audit/trail.ts'
import { DomainError, notFound } from '../domain-error.ts'
import type { AppKeyPrincipal } from '../principal.ts'
import { getUser } from '../users/get-user.ts'
import { walletColumns, walletOf } from './wallet-of.ts'

/**
 * Makes a custodial wallet that the app opened a user's: they may pay from it. Linking it again to the same user answers with it;
 * it never goes to another.
 *
 * @throws NOT_FOUND, WALLET_TAKEN
 */
export function linkWallet(
  services: Services,
  principal: AppKeyPrincipal,
  { walletId, userId }: { walletId: string; userId: string },
): Promise<Wallet> {
  return transaction(
    services.db,
    async (trx) => {
      const row = await trx
        .selectFrom('wallet')
        .select([...walletColumns, 'version', 'audit_head'])
        .where('id', '=', walletId)
        .where('app_id', '=', principal.appId)
        .executeTakeFirst()
      if (!row) throw notFound('wallet')
      await getUser({ db: trx }, { appId: principal.appId, userId })
      if (row.user_id === userId) return walletOf(row)
      if (row.user_id || row.kind !== 'custodial')
        throw new DomainError(
          'WALLET_TAKEN',
          row.user_id
            ? "This wallet is another user's, and stays it. Open one for this user."
            : `A ${row.kind} wallet cannot become a user's. Link a custodial one.`,
        )
      const step = nextStep(row, {
        object: { type: 'wallet', id: walletId, appId: principal.appId },
        principal,
        type: 'wallet.linked',
        at: services.clock.now(),
        data: { address: row.address, user: userId },
      })
      await trx
        .updateTable('wallet')
        .set({ user_id: userId, ...step.head })
        .where('id', '=', walletId)
        .execute()
      await append(trx, step)
      return walletOf({ ...row, user_id: userId })
    },
    { idempotent: true },
  )
}
