import type { ListImport, ListImportState, ListPreview, Page } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import type { AppPrincipal } from '../principal.ts'
import { importOf, importsOf, readPreview } from './import-of.ts'

/** Which imports are asked for. */
export interface ImportFilter extends PageRequest {
  list?: string | undefined
  state?: ListImportState | undefined
}

/** Lists the imports of an app's lists, newest first. */
export function listImports(
  { db }: Pick<Services, 'db'>,
  { appId }: AppPrincipal,
  { list, state, ...request }: ImportFilter,
): Promise<Page<ListImport>> {
  let query = importsOf(db, appId)
  if (list) query = query.where('list.name', '=', list)
  if (state) query = query.where('list_import.state', '=', state)
  return page(query, 'list_import', request, importOf)
}

/** An import and what it would change, or has changed. @throws NOT_FOUND */
export const previewImport = (
  { db }: Pick<Services, 'db'>,
  { appId }: AppPrincipal,
  { importId }: { importId: string },
): Promise<ListPreview> => readPreview(db, appId, importId)
