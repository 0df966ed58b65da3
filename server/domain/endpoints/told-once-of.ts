import { sql } from 'kysely'
import type { Services } from '../../services.ts'

/** The event of an endpoint that a request made, by the id of the request. */
export const toldOnceOf = (
  { db }: Pick<Services, 'db'>,
  endpointId: string,
  requestId: string,
): Promise<{ sequence: bigint; data: Record<string, unknown> }> =>
  db
    .selectFrom('event')
    .select(['sequence', 'data'])
    .where('object_id', '=', endpointId)
    .where(sql<string>`data->>'request'`, '=', requestId)
    .executeTakeFirstOrThrow()
