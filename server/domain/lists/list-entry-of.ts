import type { ListEntryRow } from '../../../db/schema.ts'
import type { ListEntry } from '../../contract/entities.ts'
import { asAddress } from '../wire.ts'

export const listEntryColumns = [
  'id',
  'list',
  'kind',
  'address',
  'reason',
  'source',
  'created_at',
  'removed_at',
] as const

export const listEntryOf = (row: Pick<ListEntryRow, (typeof listEntryColumns)[number]>): ListEntry => ({
  id: row.id,
  list: row.list,
  kind: row.kind,
  address: asAddress(row.address),
  reason: row.reason,
  source: row.source,
  createdAt: row.created_at,
  removedAt: row.removed_at,
})
