import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { connect } from '../../db/connect.ts'
import type { ListSample } from '../contract/entities.ts'
import { type FileImport, type FileReport, importFile } from '../domain/lists/import-file.ts'
import { type ListFormat, listFormats } from '../gateways/list-files/formats.ts'
import * as common from '../schemas/common.ts'
import { listKind } from '../schemas/entities.ts'
import { required, UsageError } from './usage-error.ts'

export const listUsage = `  lists import FILE --app ID --list NAME --kind KIND
                               stage a file as everything that is to be on a list, and show what would change; KIND is deny,
                               allow or sanctions. An officer or a key of the app asks for its publication (lists.publish), and
                               somebody else approves it. See docs/lists.md
    --format FORMAT            csv (the default), ofac-xml (sdn.xml, sdn_advanced.xml), ofac-csv (sdn.csv, sdn_comments.csv)
    --source TEXT              where the entries come from, if their rows do not say it; else the name of the file
    --reason TEXT              why they are on the list, if their rows do not say it
    --skip-bad-rows            leave out what cannot be read; else one such row refuses the file`

export const listCommands: Record<string, (args: string[]) => Promise<number>> = {
  async 'lists import'(args) {
    const wish = readWish(args)
    // comparing counts what may be a million rows
    await using connection = connect(required('DATABASE_URL'), { maxConnections: 2, statementTimeout: 120_000 })
    const services = { db: connection.db, clock: { now: () => new Date() } }
    const report = await importFile(services, { kind: 'system', name: 'provider' }, wish)
    for (const line of told(report)) console.log(line)
    return report.preview ? 0 : 1
  },
}

/** @throws UsageError */
function readWish(args: string[]): FileImport {
  const { values, positionals } = parse(args)
  const [file, ...more] = positionals
  if (!file || more.length > 0) throw new UsageError('lists import needs one FILE')
  const option = <T>(
    name: string,
    schema: { safeParse(value: unknown): { success: boolean; data?: T } },
    value: unknown,
  ) => {
    const { success, data } = schema.safeParse(value)
    if (!success)
      throw new UsageError(`lists import needs a good --${name}${value === undefined ? '' : `, not "${value}"`}`)
    return data as T
  }
  if (!Object.hasOwn(listFormats, values.format))
    throw new UsageError(`--format is one of ${Object.keys(listFormats).join(', ')}`)
  return {
    appId: option('app', common.id, values.app),
    list: option('list', common.listName, values.list),
    kind: option('kind', listKind, values.kind),
    source: option('source', common.reason, values.source ?? basename(file)),
    reason: values.reason === undefined ? null : option('reason', common.reason, values.reason),
    skipBadRows: values['skip-bad-rows'],
    rows: listFormats[values.format as ListFormat](createReadStream(file)),
  }
}

/** What came of it, for a person. */
function told({ preview, badRows, shown, others }: FileReport): string[] {
  const bad = shown.map(({ line, problem }) => `line ${line}: ${problem}`)
  if (badRows > shown.length) bad.push(`… and ${badRows - shown.length} more`)
  const passed = [...others].map(([symbol, count]) => `${count} ${symbol}`)
  if (passed.length > 0) bad.push(`passed over, not addresses of an EVM chain: ${passed.join(', ')}`)
  if (!preview)
    return [
      ...bad,
      badRows > 0
        ? `Refused for ${badRows} row(s) that cannot be read; nothing is staged. Mend them, or leave them out with --skip-bad-rows.`
        : 'Refused: there is no entry in it, and an empty list is not meant by that. Nothing is staged.',
    ]
  const { id, list, entries, duplicates, skipped, hash, samples } = preview
  const changes = (['added', 'removed', 'changed', 'unchanged'] as const).flatMap((change) => [
    `${change} ${preview[change]}`,
    ...(change === 'unchanged' ? [] : samples[change].map((sample) => `  ${sampleLine(sample)}`)),
    ...(change !== 'unchanged' && preview[change]! > samples[change].length ? ['  …'] : []),
  ])
  return [
    ...bad,
    ...changes,
    `${entries} entries for the list "${list}", ${duplicates} duplicates and ${skipped} bad rows left out`,
    `SHA-256 ${hash}`,
    `Staged as import ${id}; the list is as it was. Ask for its publication with lists.publish; somebody else approves it.`,
  ]
}

const sampleLine = ({ subject, reason, validFrom, validUntil }: ListSample): string => {
  const from = validFrom ? ` from ${validFrom.toISOString()}` : ''
  const until = validUntil ? ` until ${validUntil.toISOString()}` : ''
  return `${subject}${from}${until}  ${reason}`
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        app: { type: 'string' },
        list: { type: 'string' },
        kind: { type: 'string' },
        format: { type: 'string', default: 'csv' },
        source: { type: 'string' },
        reason: { type: 'string' },
        'skip-bad-rows': { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
