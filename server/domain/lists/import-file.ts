import { randomUUID } from 'node:crypto'
import { atomically, transaction } from '../../../db/transaction.ts'
import type { ListKind, ListPreview } from '../../contract/entities.ts'
import type { FileRow } from '../../gateways/list-files/file-row.ts'
import { notFound } from '../domain-error.ts'
import type { Principal } from '../principal.ts'
import { openList } from './create-list.ts'
import { endImport } from './discard-import.ts'
import { readPreview } from './import-of.ts'
import type { NewEntry } from './put-on.ts'
import { type EntryDefaults, readEntry } from './read-entry.ts'
import { finishStaging, openImport, type StagingServices } from './stage-import.ts'
import { LOT, type Staging, writeRows } from './write-rows.ts'

/** New contents of a list, from a file. */
export interface FileImport {
  appId: string
  /** Made if there is none of this name. */
  list: string
  kind: ListKind
  rows: AsyncIterable<FileRow>
  /** Where the rows come from, for those that do not say it. */
  source: string
  /** For the rows that have none; null if each must have one. */
  reason: string | null
  /** Whether rows that cannot be read are left out; otherwise one of them refuses the file. */
  skipBadRows: boolean
}

/** A row that cannot be read. */
export interface BadRow {
  line: number
  problem: string
}

/** What came of a file. */
export interface FileReport {
  /** Null if it was refused, for a bad row or because it has no entry: then nothing is staged. */
  preview: ListPreview | null
  badRows: number
  /** The first of them. */
  shown: BadRow[]
  /** How many addresses of other kinds were passed over, by their kind. */
  others: Map<string, number>
}

/** How many bad rows are told one by one. */
const SHOWN = 100

/**
 * Stages a file of any size as the new contents of a list, in lots that are commits of their own. Nothing changes before they are
 * published.
 *
 * @throws NOT_FOUND for an app that there is not, LIST_EXISTS, CONFLICT if the list does not keep still, and what reading the file
 *   throws; then nothing is staged
 */
export async function importFile(
  services: StagingServices,
  principal: Principal,
  { appId, list: name, kind, source, ...file }: FileImport,
): Promise<FileReport> {
  const { db, clock } = services
  const staging = await transaction(db, async (trx) => {
    const app = await trx.selectFrom('app').select('id').where('id', '=', appId).executeTakeFirst()
    if (!app) throw notFound('app')
    const list = await openList(trx, services, principal, { appId, name, kind })
    const opened = { id: randomUUID(), appId, listId: list.id, createdAt: clock.now() }
    await openImport(trx, principal, opened, source)
    return opened
  })
  const discard = () =>
    transaction(db, (trx) => endImport(trx, clock, principal, { importId: staging.id, to: 'discarded' }), {
      idempotent: true,
    })

  try {
    const { rows, badRows, shown, others } = await writeAll(db, staging, file, { source, reason: file.reason })
    const isRefused = rows === 0 || (badRows > 0 && !file.skipBadRows)
    if (isRefused) await discard()
    else await finishStaging(services, principal, staging, { rows, skipped: badRows })
    return { preview: isRefused ? null : await readPreview(db, appId, staging.id), badRows, shown, others }
  } catch (error) {
    await discard()
    throw error
  }
}

interface Reading extends Pick<FileReport, 'badRows' | 'shown' | 'others'> {
  rows: number
}

/** Writes what can be read. After a bad row, unless those are left out, it reads on only to tell of all. */
async function writeAll(
  db: StagingServices['db'],
  staging: Staging,
  { rows, skipBadRows }: Pick<FileImport, 'rows' | 'skipBadRows'>,
  defaults: EntryDefaults,
): Promise<Reading> {
  const reading: Reading = { rows: 0, badRows: 0, shown: [], others: new Map() }
  let lot: NewEntry[] = []
  const write = async () => {
    const entries = lot
    lot = []
    await atomically(db, (one) => writeRows(one, staging, entries), { idempotent: true })
  }
  for await (const row of rows) {
    if ('other' in row) {
      reading.others.set(row.other, (reading.others.get(row.other) ?? 0) + 1)
      continue
    }
    const { entry, problem } = readEntry(row, defaults)
    if (!entry) {
      reading.badRows++
      if (reading.shown.length < SHOWN) reading.shown.push({ line: row.line, problem })
    } else if (skipBadRows || reading.badRows === 0) {
      reading.rows++
      lot.push(entry)
      if (lot.length === LOT) await write()
    }
  }
  if (lot.length > 0) await write()
  return reading
}
