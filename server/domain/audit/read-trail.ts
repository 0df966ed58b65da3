import type { AuditLeaf, Page } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'
import { leafColumns, leafOf } from './leaf-of.ts'

/**
 * Reads the audit trail of one object of the app, oldest leaf first. Whoever holds it can recompute every hash. The cursor is
 * the sequence of the last leaf seen.
 *
 * @throws NOT_FOUND
 */
export async function readTrail(
  services: Services,
  principal: AppPrincipal,
  { objectId, cursor, limit }: { objectId: string; cursor?: string | null | undefined; limit: number },
): Promise<Page<AuditLeaf>> {
  const after = BigInt(cursor ?? 0)
  const rows = await services.db
    .selectFrom('audit')
    .select(leafColumns)
    .where('stream', '=', objectId)
    .where('app_id', '=', principal.appId)
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(limit + 1)
    .execute()
  if (rows.length === 0 && after === 0n) throw notFound('object with an audit trail')
  const items = rows.slice(0, limit).map(leafOf)
  return { items, nextCursor: rows.length > limit ? String(items.at(-1)!.sequence) : null }
}
