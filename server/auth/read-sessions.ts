import { type Kysely, sql } from 'kysely'
import { coalesce } from '../../db/coalesce.ts'
import type { Database } from '../../db/schema.ts'
import { atomically, reading } from '../../db/transaction.ts'

/** Which session, asked for from which page. */
export interface SessionQuestion {
  id: string
  origin: string | null
}

/** A session with its user. `at_home`: the page is one of its app's. */
export interface SessionFound {
  secret_hash: Buffer
  app_id: string
  user_id: string
  last_seen_at: Date
  expires_at: Date
  revoked_at: Date | null
  roles: string[]
  at_home: boolean
}

export type ReadSession = (question: SessionQuestion) => Promise<SessionFound | undefined>

/**
 * Reads sessions from the database for every request, one statement for all that come at a time: a sign-out or a change of roles
 * bites with its commit.
 */
export const sessionReader = (db: Kysely<Database>): ReadSession =>
  coalesce(async (questions: SessionQuestion[]) => {
    const { rows } = await atomically(
      db,
      (one) =>
        sql<SessionFound & { n: number }>`/* prepared: read-sessions */
          select q.n, session.secret_hash, session.app_id, session.user_id, session.last_seen_at, session.expires_at,
            session.revoked_at, app_user.roles, app_origin.origin is not null as at_home
          from unnest(${questions.map((_, n) => n)}::int4[], ${questions.map(({ id }) => id)}::uuid[],
              ${questions.map(({ origin }) => origin)}::text[]) as q (n, id, origin)
          join session on session.id = q.id
          join app_user on app_user.id = session.user_id
          left join app_origin on app_origin.origin = q.origin and app_origin.app_id = session.app_id`.execute(one),
      reading,
    )
    return new Map(rows.map(({ n, ...row }) => [questions[n]!, row]))
  })
