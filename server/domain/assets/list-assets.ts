import type { Asset, Page } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import { assetColumns, assetOf } from './asset-of.ts'

/** Lists the tokens that can be paid with, newest first. */
export const listAssets = (services: Services, request: PageRequest): Promise<Page<Asset>> =>
  page(services.db.selectFrom('asset').select([...assetColumns, 'created_at']), 'asset', request, assetOf)
