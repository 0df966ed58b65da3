import { type Kysely, sql } from 'kysely'
import { coalesce } from '../../../db/coalesce.ts'
import type { Database } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'
import type { TrailStep } from '../audit/trail.ts'

/** A session to be written, with its first audit leaf and event. */
export interface NewSession {
  id: string
  appId: string
  userId: string
  secretHash: Buffer
  address: string
  now: Date
  expiresAt: Date
  step: TrailStep
}

/** Writes a session and answers with its user, as the commit saw it. */
export type WriteSession = (
  session: NewSession,
) => Promise<{ address: string; roles: string[]; created_at: Date } | undefined>

/** Writes sessions, one statement and one commit for all that are made at a time. */
export const sessionWriter = (db: Kysely<Database>): WriteSession =>
  coalesce(async (sessions: NewSession[]) => {
    const column = <T>(of: (session: NewSession) => T): T[] => sessions.map(of)
    const { rows } = await atomically(
      db,
      (one) =>
        sql<{ n: number; address: string; roles: string[]; created_at: Date }>`/* prepared: write-sessions */
          with given as (
            select n, id, app_id, user_id, secret_hash, address, now, expires_at, body, hash, facts
            from unnest(${sessions.map((_, n) => n)}::int4[], ${column(({ id }) => id)}::uuid[],
                ${column(({ appId }) => appId)}::uuid[], ${column(({ userId }) => userId)}::uuid[],
                ${column(({ secretHash }) => secretHash)}::bytea[], ${column(({ address }) => address)}::text[],
                ${column(({ now }) => now)}::timestamptz[], ${column(({ expiresAt }) => expiresAt)}::timestamptz[],
                ${column(({ step }) => step.audit.body)}::bytea[], ${column(({ step }) => step.audit.hash)}::bytea[],
                ${column(({ step }) => String(step.event.data))}::text[])
              as q (n, id, app_id, user_id, secret_hash, address, now, expires_at, body, hash, facts)
          ), written as (
            insert into session (id, app_id, user_id, secret_hash, address, created_at, last_seen_at, expires_at, version,
              audit_head)
            select id, app_id, user_id, secret_hash, address, now, now, expires_at, 1, hash from given
            on conflict (id) do nothing
            returning id
          ), audited as (
            insert into audit (stream, sequence, app_id, body, hash)
            select given.id, 1, given.app_id, given.body, given.hash from given join written on written.id = given.id
          ), told as (
            insert into event (object_id, sequence, object_type, app_id, type, data, created_at)
            select given.id, 1, 'session', given.app_id, 'session.created', given.facts::jsonb, given.now
            from given join written on written.id = given.id
          )
          select given.n, app_user.address, app_user.roles, app_user.created_at
          from given join app_user on app_user.id = given.user_id`.execute(one),
      { idempotent: true },
    )
    return new Map(rows.map(({ n, ...user }) => [sessions[n]!, user]))
  }, COMMITS)

/** Commits that may be under way at a time, as of payments. */
const COMMITS = 2
