import type { Kysely } from 'kysely'
import type { ApiKeyRow, Database } from '../../../db/schema.ts'
import type { ApiKey } from '../../contract/entities.ts'
import { append, type Change, nextStep } from '../audit/trail.ts'
import { notFound } from '../domain-error.ts'
import { PLATFORM, type Principal } from '../principal.ts'
import { apiKeyColumns, apiKeyOf } from './api-key-of.ts'

const columns = [...apiKeyColumns, 'version', 'audit_head'] as const

export type ApiKeyTrail = Pick<ApiKeyRow, (typeof columns)[number]>

/**
 * Reads a key that the caller may change: any for the platform's operators and its command line, else one of the caller's app.
 *
 * @throws NOT_FOUND
 */
export async function apiKeyToChange(trx: Kysely<Database>, principal: Principal, keyId: string): Promise<ApiKeyTrail> {
  const keys = trx.selectFrom('api_key').select(columns).where('id', '=', keyId)
  const appId = principal.kind === 'system' ? null : principal.appId
  const row = await (appId === null ? keys : keys.where('app_id', '=', appId)).executeTakeFirst()
  if (!row) throw notFound('API key')
  return row
}

/** Ends a key, now or at a later time, with its audit leaf and event. */
export async function endApiKey(
  trx: Kysely<Database>,
  row: ApiKeyTrail,
  end: { revokedAt: Date } | { expiresAt: Date },
  change: Pick<Change, 'principal' | 'type' | 'at' | 'data'>,
): Promise<ApiKey> {
  const step = nextStep(row, { object: { type: 'api_key', id: row.id, appId: row.app_id ?? PLATFORM }, ...change })
  const patch = 'revokedAt' in end ? { revoked_at: end.revokedAt } : { expires_at: end.expiresAt }
  await trx
    .updateTable('api_key')
    .set({ ...patch, ...step.head })
    .where('id', '=', row.id)
    .execute()
  await append(trx, step)
  return apiKeyOf({ ...row, ...patch })
}
