import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { atomically } from '../../../db/transaction.ts'
import type { Address, Challenge } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { DomainError, foreignPage } from '../domain-error.ts'
import { signInMessage } from './sign-in-message.ts'

/** What is to be proven, by whom, and on which page. */
export interface ChallengeRequest {
  appId: string
  address: Address
  /** Where the wallet lives: a contract is asked there whether it signed. */
  chainId: number
  /** The page that asks, as its browser says. */
  origin: string
  /** The user who proves a further wallet; null to sign in. */
  userId: string | null
}

/** Milliseconds that a challenge may be answered for. */
const LIFETIME = 5 * 60_000

const statements = {
  signIn: 'Sign in with this wallet. It costs nothing and moves nothing.',
  prove: 'Prove that this wallet is yours, to use it from your account. It costs nothing and moves nothing.',
}

export const nonceHash = (nonce: string): Buffer => createHash('sha256').update(nonce).digest()

/**
 * Writes the whole ERC-4361 message that a wallet is to sign, and keeps it: nothing of it is taken from whoever answers.
 *
 * @throws ORIGIN_NOT_ALLOWED for a page that is not one of the app's, CHAIN_NOT_SUPPORTED
 */
export async function issueChallenge(services: Services, request: ChallengeRequest): Promise<Challenge> {
  const { appId, address, chainId, origin, userId } = request
  if (!services.chains.get(chainId)) throw unsupportedChain(chainId)
  const nonce = randomBytes(16).toString('hex')
  const now = services.clock.now()
  const expiresAt = new Date(now.getTime() + LIFETIME)
  const message = signInMessage({
    address,
    chainId,
    origin,
    statement: userId ? statements.prove : statements.signIn,
    nonce,
    issuedAt: now,
    expiresAt,
  })
  // the page is checked by the statement that writes: an origin that is taken off the app is refused from then on
  const { rows } = await atomically(services.db, (one) =>
    sql`insert into challenge (nonce_hash, app_id, user_id, address, chain_id, origin, message, expires_at)
      select ${nonceHash(nonce)}, app_id, ${userId}::uuid, ${address}, ${chainId}::int8, origin, ${message},
        ${expiresAt}::timestamptz
      from app_origin where origin = ${origin} and app_id = ${appId}
      returning app_id`.execute(one),
  )
  if (rows.length === 0) throw foreignPage()
  return { nonce, message, expiresAt }
}

export const unsupportedChain = (chainId: number | bigint) =>
  new DomainError(
    'CHAIN_NOT_SUPPORTED',
    `Chain eip155:${chainId} is not configured here. Switch the wallet to another chain.`,
  )
