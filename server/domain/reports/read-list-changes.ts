import { field, type Reading, readActions, tally } from './reading.ts'
import type { TableFiles } from './table-files.ts'

const actions = [
  'list.created',
  'list.import_staged',
  'list.import_discarded',
  'list.import_expired',
  'list.published',
  'list_entry.added',
  'list_entry.removed',
]

/** What the summary shows of changes of lists. */
export interface ListSummary {
  total: number
  byList: { key: { list: string; action: string }; count: number }[]
}

/** Reads every change of a list within the period from the audit trail, oldest first. */
export async function readListChanges(reading: Reading, files: TableFiles): Promise<ListSummary> {
  const add = files.table('list-changes')
  const byList = tally<{ list: string; action: string }>()
  const changes = await readActions(reading, actions)
  for (const { at, actor, action, object, data } of changes) {
    const list = field(data.list ?? data.name)
    byList.add({ list: String(list), action })
    add({
      at,
      actor,
      action,
      list,
      kind: field(data.kind),
      subject: field(data.subject),
      object,
      import: field(data.import ?? data.replacedBy),
      added: field(data.added),
      removed: field(data.removed),
      changed: field(data.changed),
      reason: field(data.reason),
      source: field(data.source),
      approval: field(data.approval),
      valid_from: field(data.validFrom),
      valid_until: field(data.validUntil),
      rules_version: field(data.listVersion),
    })
  }
  const addList = files.table('list-changes-by-list')
  for (const { key, count } of byList.entries()) addList({ ...key, changes: count })
  return { total: changes.length, byList: byList.entries() }
}
