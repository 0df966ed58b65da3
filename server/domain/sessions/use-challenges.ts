import { type Kysely, sql } from 'kysely'
import { coalesce } from '../../../db/coalesce.ts'
import type { Database } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'
import type { Clock } from '../../services.ts'

/** A challenge that was there to be used, and whose its wallet is by what is known. */
export interface UsedChallenge {
  app_id: string
  /** Who proves a further wallet; null to sign in. */
  user_id: string | null
  address: string
  chain_id: bigint
  origin: string
  message: string
  /** The wallet, if it is one of the app's, its user, and the chain it was proven on; none for one that the provider made. */
  wallet_id: string | null
  wallet_user: string | null
  wallet_chain: bigint | null
  /** The user who is known by this very address. */
  known_user: string | null
}

/** Takes a challenge by the hash of its nonce, for the one who asks first; undefined for all others. */
export type UseChallenge = (question: { hash: Buffer }) => Promise<UsedChallenge | undefined>

/** Uses challenges up, one statement for all that are answered at a time: each is gone before its signature is looked at. */
export const challengeUser = (db: Kysely<Database>, clock: Clock): UseChallenge =>
  coalesce(async (questions: { hash: Buffer }[]) => {
    // one nonce asked for twice at a time is given to the first
    const first = new Map(questions.toReversed().map((question) => [question.hash.toString('hex'), question]))
    const { rows } = await atomically(db, (one) =>
      sql<UsedChallenge & { nonce_hash: Buffer }>`/* prepared: use-challenges */
        with used as (
          delete from challenge
          where nonce_hash = any(${[...first.values()].map(({ hash }) => hash)}::bytea[]) and expires_at > ${clock.now()}::timestamptz
          returning nonce_hash, app_id, user_id, address, chain_id, origin, message
        )
        select used.nonce_hash, used.app_id, used.user_id, used.address, used.chain_id, used.origin, used.message,
          wallet.id as wallet_id, wallet.user_id as wallet_user, wallet.chain_id as wallet_chain, app_user.id as known_user
        from used
        left join wallet on wallet.app_id = used.app_id and wallet.address = used.address
        left join app_user on app_user.app_id = used.app_id and app_user.address = used.address`.execute(one),
    )
    return new Map(rows.map(({ nonce_hash, ...row }) => [first.get(nonce_hash.toString('hex'))!, row]))
  })
