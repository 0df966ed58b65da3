import type { ListEntry, Page } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import type { AppPrincipal } from '../principal.ts'
import { listEntryColumns, listEntryOf } from './list-entry-of.ts'

/** Lists the entries in force, newest first; with `removed`, those that were taken off as well. */
export function listEntries(
  services: Services,
  principal: AppPrincipal,
  {
    list,
    address,
    removed,
    ...request
  }: PageRequest & {
    list?: string | undefined
    address?: string | undefined
    removed: boolean
  },
): Promise<Page<ListEntry>> {
  let query = services.db.selectFrom('list_entry').select(listEntryColumns).where('app_id', '=', principal.appId)
  if (list) query = query.where('list', '=', list)
  if (address) query = query.where('address', '=', address)
  if (!removed) query = query.where('removed_at', 'is', null)
  return page(query, 'list_entry', request, listEntryOf)
}
