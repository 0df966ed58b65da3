import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { Rule } from '../../contract/policies.ts'
import { notFound } from '../domain-error.ts'

/**
 * Makes sure that the assets which rules name are there: a rule about something that is not would deny everything, or nothing,
 * without anybody's notice.
 *
 * @throws NOT_FOUND
 */
export async function requireSubjects(trx: Kysely<Database>, rules: readonly Rule[]): Promise<void> {
  const assetIds = new Set(
    rules.flatMap((rule) => ('assetId' in rule ? [rule.assetId] : rule.rule === 'assets' ? rule.allowed : [])),
  )
  if (assetIds.size > 0) {
    const known = await trx
      .selectFrom('asset')
      .select('id')
      .where('id', 'in', [...assetIds])
      .execute()
    if (known.length < assetIds.size) throw notFound('asset')
  }
}
