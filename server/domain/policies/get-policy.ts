import type { Policy } from '../../contract/policies.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'
import { policyColumns, policyOf } from './policy-of.ts'

/** @throws NOT_FOUND */
export async function getPolicy(
  { db }: Pick<Services, 'db'>,
  { appId }: Pick<AppPrincipal, 'appId'>,
  { policyId }: { policyId: string },
): Promise<Policy> {
  const row = await db
    .selectFrom('policy')
    .select(policyColumns)
    .where('id', '=', policyId)
    .where('app_id', '=', appId)
    .executeTakeFirst()
  if (!row) throw notFound('policy')
  return policyOf(row)
}
