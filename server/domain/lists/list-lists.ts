import type { List, Page } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import type { AppPrincipal } from '../principal.ts'
import { listColumns, listOf } from './list-of.ts'

/** Lists the app's lists, newest first. */
export const listLists = (
  { db }: Pick<Services, 'db'>,
  { appId }: AppPrincipal,
  request: PageRequest,
): Promise<Page<List>> =>
  page(db.selectFrom('list').select(listColumns).where('app_id', '=', appId), 'list', request, listOf)
