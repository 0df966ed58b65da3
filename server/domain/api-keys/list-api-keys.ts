import type { ApiKey, Page } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import { apiKeyColumns, apiKeyOf } from './api-key-of.ts'

/** Lists the keys of an app, newest first. */
export const listApiKeys = (
  services: Services,
  { appId, ...request }: { appId: string } & PageRequest,
): Promise<Page<ApiKey>> =>
  page(
    services.db.selectFrom('api_key').select(apiKeyColumns).where('app_id', '=', appId),
    'api_key',
    request,
    apiKeyOf,
  )
