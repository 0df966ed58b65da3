import type { BadFileRow, FileEntry } from '../../gateways/list-files/file-row.ts'
import type { NewEntry } from './put-on.ts'
import { readSubject } from './subject.ts'

/** What holds for the rows that do not say it. */
export interface EntryDefaults {
  reason: string | null
  source: string
}

/** An entry that was read, or what is wrong with its row. */
export type EntryReading = { entry: NewEntry; problem: null } | { entry: null; problem: string }

/** Reads an entry from the text of a row, by the rules of the API. */
export function readEntry(row: FileEntry | BadFileRow, defaults: EntryDefaults): EntryReading {
  if ('problem' in row) return refused(row.problem)
  const { subject, problem } = readSubject(row.subject)
  if (subject === null) return refused(problem)
  const reason = row.reason ?? defaults.reason
  if (reason === null) return refused('it has no reason, and there is none for all')
  const source = row.source ?? defaults.source
  for (const [name, text] of Object.entries({ reason, source }))
    if (!isText.test(text)) return refused(`its ${name} is longer than 500 characters or has control characters`)
  const [validFrom, validUntil] = [readTime(row.validFrom), readTime(row.validUntil)]
  if (validFrom === undefined || validUntil === undefined)
    return refused('a time is such as 2026-01-31 or 2026-01-31T12:00:00Z')
  if (validFrom && validUntil && validUntil <= validFrom) return refused('its period ends before it begins')
  return { entry: { subject, reason, source, validFrom, validUntil }, problem: null }
}

const isText = /^[^\p{Cc}\p{Cs}]{1,500}$/u
const isTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/

/** Undefined for what is not a time. */
function readTime(text: string | null): Date | null | undefined {
  if (text === null) return null
  const day = text.slice(0, 10)
  const isDay = isTime.test(text) && new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) === day
  const time = new Date(text)
  return isDay && time.getTime() >= 0 ? time : undefined
}

const refused = (problem: string): EntryReading => ({ entry: null, problem })
