import type { Page } from '../../contract/entities.ts'
import type { Policy, PolicyState } from '../../contract/policies.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import type { AppPrincipal } from '../principal.ts'
import { policyColumns, policyOf } from './policy-of.ts'

/** Lists the versions of the app's policy, newest first. */
export function listPolicies(
  { db }: Services,
  { appId }: AppPrincipal,
  { state, ...request }: PageRequest & { state?: PolicyState | undefined },
): Promise<Page<Policy>> {
  let query = db.selectFrom('policy').select(policyColumns).where('app_id', '=', appId)
  if (state) query = query.where('state', '=', state)
  return page(query, 'policy', request, policyOf)
}
