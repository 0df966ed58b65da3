import type { HoldRow } from '../../../db/schema.ts'
import type { Hold } from '../../contract/reports.ts'

export const holdColumns = [
  'id',
  'object_type',
  'object_id',
  'reason',
  'placed_by',
  'created_at',
  'released_at',
] as const

/** A hold as its clients see it. */
export const holdOf = (row: Pick<HoldRow, (typeof holdColumns)[number]>): Hold => ({
  id: row.id,
  objectType: row.object_type,
  objectId: row.object_id,
  reason: row.reason,
  placedBy: row.placed_by,
  createdAt: row.created_at,
  releasedAt: row.released_at,
})
