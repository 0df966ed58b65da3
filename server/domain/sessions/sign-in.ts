import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { transaction } from '../../../db/transaction.ts'
import type { SignedIn } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { emptyTrail, nextStep } from '../audit/trail.ts'
import { DomainError } from '../domain-error.ts'
import type { UserPrincipal } from '../principal.ts'
import { insertUser } from '../users/insert-user.ts'
import { userOf } from '../users/user-of.ts'
import { claimWallet, isUnclaimed } from '../wallets/claim-wallet.ts'
import { insertExternalWallet } from '../wallets/insert-external-wallet.ts'
import { walletColumns } from '../wallets/wallet-of.ts'
import { asAddress } from '../wire.ts'
import { answerChallenge, type ChallengeAnswer, failed } from './answer-challenge.ts'
import { newSessionSecret, type SessionCredential, sessionSecretHash } from './credential.ts'
import { endSession } from './end-session.ts'
import { sessionOf } from './session-of.ts'
import type { UsedChallenge } from './use-challenges.ts'

/**
 * Signs a wallet's owner in: a new session, always with a new secret, in place of the one their browser had. Whoever signs in for
 * the first time becomes a user of the app.
 *
 * Beside it comes what their browser is to hold of it.
 *
 * @param before what the browser holds of an earlier session
 * @throws SIGN_IN_FAILED, WALLET_TAKEN for a custodial wallet that is nobody's, CHAIN_UNAVAILABLE
 */
export async function signIn(
  services: Services,
  answer: ChallengeAnswer,
  before: SessionCredential | null,
): Promise<SignedIn & { credential: SessionCredential }> {
  const challenge = await answerChallenge(services, answer, null)
  const appId = challenge.app_id
  const address = asAddress(challenge.address)
  const userId = challenge.wallet_user ?? (await becomeUser(services, challenge))

  const now = services.clock.now()
  const id = randomUUID()
  const secret = newSessionSecret()
  const expiresAt = new Date(now.getTime() + services.sessionLifetime)
  const step = nextStep(emptyTrail, {
    object: { type: 'session', id, appId },
    principal: principalOf(userId, appId, id),
    type: 'session.created',
    at: now,
    data: { address, expiresAt: expiresAt.toISOString(), user: userId },
  })
  const secretHash = sessionSecretHash(secret)
  const user = (await services.writeSession({ id, appId, userId, secretHash, address, now, expiresAt, step }))!
  if (before) await endSession(services, before)
  const row = { id, address, created_at: now, last_seen_at: now, expires_at: expiresAt, revoked_at: null }
  return { user: userOf({ id: userId, ...user }), session: sessionOf(row, id), credential: { id, secret } }
}

const principalOf = (userId: string, appId: string, sessionId: string): UserPrincipal => ({
  kind: 'user',
  userId,
  appId,
  sessionId,
  roles: [],
  scopes: null,
})

/** Makes the user of a wallet that was proven for the first time, or finds the one who was expected with it. */
async function becomeUser(services: Services, challenge: UsedChallenge): Promise<string> {
  const { app_id: appId, chain_id: chainId } = challenge
  const address = asAddress(challenge.address)
  const fresh = randomUUID()
  // what came with the challenge holds until an insert finds the place taken: to look again in the transaction would be to collide
  // with everybody else who becomes a user
  let isTaken = challenge.wallet_id !== null
  return transaction(
    services.db,
    async (trx) => {
      const now = services.clock.now()
      const wallet = isTaken ? await walletAt(trx, appId, address) : undefined
      // wallets that we hold the keys of sign nobody in unless they were linked to somebody
      const unclaimed = wallet && isUnclaimed(wallet) ? wallet : null
      if (wallet && !wallet.user_id && !unclaimed)
        throw new DomainError(
          'WALLET_TAKEN',
          'This wallet is one of the app and linked to nobody. Sign in with a wallet of your own.',
        )
      // of two who sign in for the first time, with contracts of one address on two chains, only one is who the wallet becomes
      if (wallet?.user_id && wallet.chain_id !== chainId)
        throw failed('This wallet was proven on another chain at the same time.')
      if (wallet?.user_id) return wallet.user_id
      const known = isTaken ? await userAt(trx, appId, address) : challenge.known_user
      const userId = known ?? fresh
      const principal = principalOf(userId, appId, '')
      if (!known) await insertUser(trx, principal, { id: userId, appId, address, roles: [], createdAt: now })
      if (unclaimed) await claimWallet(trx, principal, unclaimed, { appId, userId, at: now })
      else await insertExternalWallet(trx, principal, { appId, userId, address, chainId, createdAt: now })
      return userId
    },
    {
      idempotent: true,
      retryOn: (error) => {
        const isDuplicate = (error as { code?: string }).code === '23505'
        isTaken ||= isDuplicate
        return isDuplicate
      },
    },
  )
}

const walletAt = (trx: Kysely<Database>, appId: string, address: string) =>
  trx
    .selectFrom('wallet')
    .select([...walletColumns, 'chain_id', 'version', 'audit_head'])
    .where('app_id', '=', appId)
    .where('address', '=', address)
    .executeTakeFirst()

const userAt = async (trx: Kysely<Database>, appId: string, address: string): Promise<string | undefined> =>
  (
    await trx
      .selectFrom('app_user')
      .select('id')
      .where('app_id', '=', appId)
      .where('address', '=', address)
      .executeTakeFirst()
  )?.id
