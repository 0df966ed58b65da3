import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { Rule } from '../../contract/policies.ts'
import { DomainError, notFound } from '../domain-error.ts'

/**
 * Makes sure that the assets and the lists which rules name are there, and that the lists are the app's and of the kind that the rule
 * looks at: a rule about something that is not would deny everything, or nothing, without anybody's notice.
 *
 * @throws NOT_FOUND; for a list with details: `lists`
 */
export async function requireSubjects(trx: Kysely<Database>, appId: string, rules: readonly Rule[]): Promise<void> {
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
  const names = new Set(rules.flatMap((rule) => (rule.rule === 'allow-list' ? [rule.list] : [])))
  if (names.size > 0) {
    const rows = await trx
      .selectFrom('list')
      .select('name')
      .where('app_id', '=', appId)
      .where('name', 'in', [...names])
      .where('kind', '=', 'allow')
      .execute()
    const known = new Set(rows.map(({ name }) => name))
    const missing = [...names].filter((name) => !known.has(name))
    if (missing.length > 0)
      throw new DomainError(
        'NOT_FOUND',
        `The app has no allow list ${missing.map((name) => `"${name}"`).join(', ')}, so that nobody could satisfy the rule. Make it with lists.create, of the kind "allow".`,
        { lists: missing },
      )
  }
}
