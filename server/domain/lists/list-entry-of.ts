import type { ListEntryRow } from '../../../db/schema.ts'
import type { ListEntry } from '../../contract/entities.ts'
import type { KnownList } from './list-of.ts'

export const listEntryColumns = [
  'list_entry.id',
  'list_entry.subject',
  'list_entry.reason',
  'list_entry.source',
  'list_entry.valid_from',
  'list_entry.valid_until',
  'list_entry.created_at',
  'list_entry.removed_at',
] as const

/** The columns of an entry that clients see. */
export type KnownEntry = Pick<
  ListEntryRow,
  'id' | 'subject' | 'reason' | 'source' | 'valid_from' | 'valid_until' | 'created_at' | 'removed_at'
>

/** An entry of a list as its clients see it. */
export const listEntryOf = ({ name, kind }: Pick<KnownList, 'name' | 'kind'>, row: KnownEntry): ListEntry => ({
  id: row.id,
  list: name,
  kind,
  subject: row.subject,
  reason: row.reason,
  source: row.source,
  validFrom: row.valid_from,
  validUntil: row.valid_until,
  createdAt: row.created_at,
  removedAt: row.removed_at,
})
