import type { ApiKey } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { apiKeyColumns, apiKeyOf } from './api-key-of.ts'

/** A key that is known to be there. */
export const readApiKey = async ({ db }: Pick<Services, 'db'>, id: string): Promise<ApiKey> =>
  apiKeyOf(await db.selectFrom('api_key').select(apiKeyColumns).where('id', '=', id).executeTakeFirstOrThrow())
