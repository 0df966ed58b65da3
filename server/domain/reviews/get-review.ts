import type { Kysely } from 'kysely'
import type { Database, ReviewRow } from '../../../db/schema.ts'
import type { Review } from '../../contract/policies.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'
import { reviewColumns, reviewOf } from './review-of.ts'

export const trailColumns = [...reviewColumns, 'app_id', 'version', 'audit_head'] as const

export type ReviewTrail = Pick<ReviewRow, (typeof trailColumns)[number]>

/** @throws NOT_FOUND */
export const getReview = async (
  { db }: Services,
  principal: AppPrincipal,
  { reviewId }: { reviewId: string },
): Promise<Review> => reviewOf(await reviewToChange(db, principal, reviewId))

/** @throws NOT_FOUND */
export async function reviewToChange(
  db: Kysely<Database>,
  { appId }: Pick<AppPrincipal, 'appId'>,
  reviewId: string,
): Promise<ReviewTrail> {
  const row = await db
    .selectFrom('review')
    .select(trailColumns)
    .where('id', '=', reviewId)
    .where('app_id', '=', appId)
    .executeTakeFirst()
  if (!row) throw notFound('review')
  return row
}
