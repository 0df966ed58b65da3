import { sql } from 'kysely'
import type { ListEntry, Page } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { newestAfter, type PageRequest, pageOf } from '../page.ts'
import type { AppPrincipal } from '../principal.ts'
import { listEntryColumns, listEntryOf } from './list-entry-of.ts'

/** Which entries are asked for. */
export interface ListEntryFilter extends PageRequest {
  list?: string | undefined
  subject?: string | undefined
  removed: boolean
}

/**
 * Lists what is on the app's lists, newest first; with `removed`, what was taken off as well since the list was last replaced by an
 * import. What was on a list before that is told by `listAt`.
 */
export async function listEntries(
  { db }: Pick<Services, 'db'>,
  { appId }: AppPrincipal,
  { list, subject, removed, ...request }: ListEntryFilter,
): Promise<Page<ListEntry>> {
  // a page of each list by its index, and of those the newest: a million rows of one list are not sorted for twenty
  const rows = await db
    .selectFrom('list')
    .innerJoinLateral(
      (query) =>
        newestAfter(
          query
            .selectFrom('list_entry')
            .select(listEntryColumns)
            .whereRef('list_entry.snapshot_id', '=', 'list.snapshot_id')
            .$if(subject !== undefined, (some) => some.where('list_entry.subject', '=', subject!))
            .where(removed ? inEitherIndex : inForce),
          'list_entry',
          request,
        ).as('entry'),
      (join) => join.onTrue(),
    )
    .select(['list.name', 'list.kind', 'entry.id', 'entry.subject', 'entry.reason', 'entry.source'])
    .select(['entry.valid_from', 'entry.valid_until', 'entry.created_at', 'entry.removed_at'])
    .where('list.app_id', '=', appId)
    .$if(list !== undefined, (some) => some.where('list.name', '=', list!))
    .orderBy('entry.created_at', 'desc')
    .orderBy('entry.id', 'desc')
    .limit(request.limit + 1)
    .execute()
  return pageOf(rows, request, (row) => listEntryOf(row, row))
}

const inForce = sql<boolean>`list_entry.removed_at is null`
// always so; but that it is said lets both indexes of subjects be used
const inEitherIndex = sql<boolean>`(list_entry.removed_at is null or list_entry.removed_at is not null)`
