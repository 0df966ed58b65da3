import type { Page } from '../../contract/entities.ts'
import type { Review } from '../../contract/policies.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import { type AppPrincipal, actorOf } from '../principal.ts'
import { reviewColumns, reviewOf } from './review-of.ts'

/** What reviews are searched by. */
export interface ReviewFilter extends PageRequest {
  state?: Review['state'] | undefined
  /** Only those that the caller looks at. */
  mine: boolean
}

/** Lists the app's reviews, newest first. */
export function listReviews(
  { db }: Services,
  principal: AppPrincipal,
  { state, mine, ...request }: ReviewFilter,
): Promise<Page<Review>> {
  let query = db.selectFrom('review').select(reviewColumns).where('app_id', '=', principal.appId)
  if (state) query = query.where('state', '=', state)
  if (mine) query = query.where('assigned_to', '=', actorOf(principal))
  return page(query, 'review', request, reviewOf)
}
