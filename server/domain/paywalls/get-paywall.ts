import type { Paywall } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'
import { paywallColumns, paywallOf } from './paywall-of.ts'

/** @throws NOT_FOUND */
export async function getPaywall(
  services: Services,
  principal: AppPrincipal,
  { paywallId }: { paywallId: string },
): Promise<Paywall> {
  const row = await services.db
    .selectFrom('paywall')
    .select(paywallColumns)
    .where('id', '=', paywallId)
    .where('app_id', '=', principal.appId)
    .executeTakeFirst()
  if (!row) throw notFound('paywall')
  return paywallOf(row)
}
