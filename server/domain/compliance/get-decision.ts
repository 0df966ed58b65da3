import type { Decision } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'
import { decisionColumns, decisionOf } from './decision-of.ts'

/**
 * Answers with a stored decision and every check that led to it.
 *
 * @throws NOT_FOUND
 */
export async function getDecision(
  services: Services,
  principal: AppPrincipal,
  { decisionId }: { decisionId: string },
): Promise<Decision> {
  const row = await services.db
    .selectFrom('decision')
    .select(decisionColumns)
    .where('id', '=', decisionId)
    .where('app_id', '=', principal.appId)
    .executeTakeFirst()
  if (!row) throw notFound('decision')
  return decisionOf(row)
}
