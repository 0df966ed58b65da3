import { type Expression, type Kysely, type SelectQueryBuilder, type SqlBool, sql } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { ObjectType } from '../../contract/events.ts'
import { type AppPrincipal, confinedTo, overseers } from '../principal.ts'
import { feedOf } from './event-of.ts'

/** The joined tables as if they were always there: of what may be missing, only columns that can be null anyway are read. */
type OwnedFeed = SelectQueryBuilder<Database, 'event' | 'event_position' | 'paywall' | 'wallet', object>

/** What tells of people and of how they get in: for overseers, and not for whoever holds a key of the app. */
export const guarded: readonly ObjectType[] = ['api_key', 'session', 'user']

/** The feed with the users whose each event is: see {@link ownerColumns}, which are null where there is none. */
export const ownedFeedOf = (db: Kysely<Database>): OwnedFeed =>
  feedOf(db)
    .leftJoin('payment', 'payment.id', 'event.object_id')
    .leftJoin('paywall', 'paywall.id', 'payment.paywall_id')
    .leftJoin('eerc_operation', 'eerc_operation.id', 'event.object_id')
    .leftJoin('wallet', (join) =>
      join.on(sql<boolean>`wallet.id = coalesce(payment.wallet_id, eerc_operation.wallet_id, event.object_id)`),
    ) as unknown as OwnedFeed

/** Of an event about a payment, an operation or a wallet: whose wallet it is of, and to whose paywall the payment went. */
export const ownerColumns = ['wallet.user_id as owner_id', 'paywall.merchant_id as merchant_id'] as const

/** What decides who sees an event. */
export interface OwnedEvent {
  object_type: string
  owner_id: string | null
  merchant_id: string | null
}

/** Which events of their app a caller may see. */
export interface Visible {
  /** For rows of {@link ownedFeedOf}. */
  condition: Expression<SqlBool>
  /** The same, of a row that was read. */
  includes(event: OwnedEvent): boolean
}

/**
 * Which events of their app a caller may see: overseers all, the app's servers all but those of {@link guarded} objects, everybody else
 * those of payments that they bought or sold, and of their own operations and wallets. Whose a wallet or a paywall is counts at the
 * time of reading.
 */
export function visibleTo(principal: AppPrincipal): Visible {
  const userId = confinedTo(principal, overseers)
  if (userId !== null)
    return {
      condition: sql<SqlBool>`(wallet.user_id = ${userId}::uuid or paywall.merchant_id = ${userId}::uuid)`,
      includes: ({ owner_id, merchant_id }) => owner_id === userId || merchant_id === userId,
    }
  if (principal.kind === 'user') return { condition: sql<SqlBool>`true`, includes: () => true }
  return {
    condition: sql<SqlBool>`event.object_type not in (${sql.join(guarded)})`,
    includes: ({ object_type }) => !guarded.includes(object_type as ObjectType),
  }
}
