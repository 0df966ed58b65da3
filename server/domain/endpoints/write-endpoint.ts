import type { Kysely } from 'kysely'
import type { Database, EndpointRow } from '../../../db/schema.ts'
import { append, type Change, nextStep } from '../audit/trail.ts'
import { PLATFORM } from '../principal.ts'

/** What of an endpoint can change. */
export type EndpointPatch = Partial<
  Pick<EndpointRow, 'url' | 'types' | 'description' | 'state' | 'disabled_because' | 'disabled_at' | 'failing_since'>
>

/** Changes an endpoint, with its audit leaf and event. */
export async function writeEndpoint(
  trx: Kysely<Database>,
  row: EndpointRow,
  patch: EndpointPatch,
  change: Pick<Change, 'principal' | 'type' | 'at' | 'data'>,
): Promise<EndpointRow> {
  const step = nextStep(row, { object: { type: 'endpoint', id: row.id, appId: row.app_id ?? PLATFORM }, ...change })
  await trx
    .updateTable('endpoint')
    .set({ ...patch, ...step.head })
    .where('id', '=', row.id)
    .execute()
  await append(trx, step)
  return { ...row, ...patch, ...step.head }
}

/** Where an endpoint is, as logs and events say it: whoever knows the path of some hooks may write to them. */
export const placeOf = (url: string): string => new URL(url).origin
