import type { Endpoint } from '../../contract/endpoints.ts'
import type { Page } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import { endpointColumns, endpointOf } from './endpoint-of.ts'

/** Lists the endpoints of an app, or (null) the platform's, newest first; without those that were deleted. */
export const listEndpoints = (
  services: Services,
  { appId, ...request }: { appId: string | null } & PageRequest,
): Promise<Page<Endpoint>> =>
  page(
    services.db
      .selectFrom('endpoint')
      .select(endpointColumns)
      .where('app_id', appId === null ? 'is' : '=', appId)
      .where('state', '<>', 'deleted'),
    'endpoint',
    request,
    endpointOf,
  )
