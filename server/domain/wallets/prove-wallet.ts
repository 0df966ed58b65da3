import { transaction } from '../../../db/transaction.ts'
import type { Wallet } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { DomainError } from '../domain-error.ts'
import type { UserPrincipal } from '../principal.ts'
import { answerChallenge, type ChallengeAnswer } from '../sessions/answer-challenge.ts'
import { asAddress } from '../wire.ts'
import { claimWallet, isUnclaimed } from './claim-wallet.ts'
import { insertExternalWallet } from './insert-external-wallet.ts'
import { walletColumns, walletOf } from './wallet-of.ts'

/**
 * Adds a wallet of their own to a user, proven by its signature. They may sign in with it from then on. Proving it again answers
 * with it.
 *
 * @throws SIGN_IN_FAILED, WALLET_TAKEN, CHAIN_UNAVAILABLE
 */
export async function proveWallet(
  services: Services,
  principal: UserPrincipal,
  answer: ChallengeAnswer,
): Promise<Wallet> {
  const { userId, appId } = principal
  const challenge = await answerChallenge(services, answer, userId)
  const address = asAddress(challenge.address)
  return transaction(
    services.db,
    async (trx) => {
      const [wallet, known] = await Promise.all([
        trx
          .selectFrom('wallet')
          .select([...walletColumns, 'version', 'audit_head'])
          .where('app_id', '=', appId)
          .where('address', '=', address)
          .executeTakeFirst(),
        trx
          .selectFrom('app_user')
          .select('id')
          .where('app_id', '=', appId)
          .where('address', '=', address)
          .executeTakeFirst(),
      ])
      if (wallet?.user_id === userId) return walletOf(wallet)
      if (wallet && isUnclaimed(wallet) && !(known && known.id !== userId))
        return claimWallet(trx, principal, wallet, { appId, userId, at: services.clock.now() })
      if (wallet || (known && known.id !== userId))
        throw new DomainError('WALLET_TAKEN', 'This wallet belongs to another user of the app, or to the app itself.')
      const createdAt = services.clock.now()
      return insertExternalWallet(trx, principal, { appId, userId, address, chainId: challenge.chain_id, createdAt })
    },
    { idempotent: true, retryOn: (error) => (error as { code?: string }).code === '23505' },
  )
}
