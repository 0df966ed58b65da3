import type { Kysely } from 'kysely'
import type { Database, EndpointRow } from '../../../db/schema.ts'
import type { Endpoint } from '../../contract/endpoints.ts'
import type { Services } from '../../services.ts'
import { DomainError, notFound } from '../domain-error.ts'
import type { Principal } from '../principal.ts'
import { endpointColumns, endpointOf } from './endpoint-of.ts'
import { reachOf } from './owner-of.ts'

/** An endpoint of the caller's app; any for the platform's operators. @throws NOT_FOUND */
export const getEndpoint = async (
  { db }: Pick<Services, 'db'>,
  principal: Principal,
  { endpointId }: { endpointId: string },
): Promise<Endpoint> => endpointOf(await endpointRow(db, principal, endpointId))

/** The row of such an endpoint. One that was deleted is there to be read. @throws NOT_FOUND */
export async function endpointRow(db: Kysely<Database>, principal: Principal, id: string): Promise<EndpointRow> {
  const appId = reachOf(principal)
  const row = await db
    .selectFrom('endpoint')
    .select([...endpointColumns, 'version', 'audit_head'])
    .where('id', '=', id)
    .$if(appId !== null, (query) => query.where('app_id', '=', appId))
    .executeTakeFirst()
  if (!row) throw notFound('endpoint')
  return row
}

/** The row of an endpoint that can still be changed. @throws NOT_FOUND, ENDPOINT_DELETED */
export async function endpointToChange(trx: Kysely<Database>, principal: Principal, id: string): Promise<EndpointRow> {
  const row = await endpointRow(trx, principal, id)
  if (row.state === 'deleted')
    throw new DomainError('ENDPOINT_DELETED', 'This endpoint was deleted. Make another with endpoints.create.')
  return row
}
