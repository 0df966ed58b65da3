import type { EndpointRow } from '../../../db/schema.ts'
import type { Endpoint } from '../../contract/endpoints.ts'

export const endpointColumns = [
  'id',
  'app_id',
  'url',
  'types',
  'description',
  'state',
  'disabled_because',
  'disabled_at',
  'failing_since',
  'created_at',
] as const

/** An endpoint as its owners see it: its secrets are in another table. */
export const endpointOf = (row: Pick<EndpointRow, (typeof endpointColumns)[number]>): Endpoint => ({
  id: row.id,
  appId: row.app_id,
  url: row.url,
  types: row.types,
  description: row.description,
  state: row.state,
  disabledBecause: row.disabled_because,
  disabledAt: row.disabled_at,
  failingSince: row.failing_since,
  createdAt: row.created_at,
})
