import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { connect } from '../../db/connect.ts'
import type { Checkpoint } from '../contract/audit.ts'
import { exportRecords } from '../domain/audit/export-records.ts'
import { type PublicKeys, publicKeyFromText, textOfPublicKey } from '../domain/audit/keys.ts'
import { verifyAudit } from '../domain/audit/verify-audit.ts'
import { verifyExport } from '../domain/audit/verify-export.ts'
import type { LogFault } from '../domain/audit/verify-log.ts'
import { readAuditKeys } from '../environment.ts'
import { checkpointShape } from '../schemas/audit.ts'
import { required, UsageError } from './usage-error.ts'

export const auditUsage = `  audit verify [--key NAME:KEY] [--checkpoints FILE]
                               recompute every audit trail in the database, the log over them,
                               and the hash of every import
  audit verify --export DIR --key NAME:KEY [--checkpoints FILE]
                               verify an export; needs no database
  audit export --out DIR [--from TIME] [--to TIME] [--app ID]
                               write sealed records as files that prove themselves (AUDIT_KEYS signs)
  audit keys                   the public halves of AUDIT_KEYS, for whoever verifies`

export const auditCommands: Record<string, (args: string[]) => Promise<number>> = {
  async 'audit verify'(args) {
    const options = {
      export: { type: 'string' },
      key: { type: 'string', multiple: true },
      checkpoints: { type: 'string' },
    } as const
    const { values } = parse(() => parseArgs({ args, options }))
    const keys = values.key ? keysFrom(values.key) : (readAuditKeys(process.env)?.publicKeys ?? null)
    const kept = values.checkpoints === undefined ? [] : await readCheckpoints(values.checkpoints)
    if (values.export === undefined) return verifyDatabase(keys, kept)
    if (!keys) throw new UsageError('audit verify --export needs --key NAME:KEY, see audit keys')
    return verifyFiles(values.export, keys, kept)
  },

  async 'audit export'(args) {
    const options = {
      out: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      app: { type: 'string' },
    } as const
    const { values } = parse(() => parseArgs({ args, options }))
    if (!values.out) throw new UsageError('audit export needs --out, a directory that is empty or not there yet')
    if (values.app !== undefined && !z.uuid().safeParse(values.app).success)
      throw new UsageError('--app is the id of an app')
    const range = { from: momentOf('--from', values.from), to: momentOf('--to', values.to) }
    const keys = readAuditKeys(process.env)
    if (!keys) throw new UsageError('AUDIT_KEYS is missing')
    await using connection = connect(required('DATABASE_URL'), { maxConnections: 2, statementTimeout: 0 })
    const manifest = await exportRecords(connection.db, {
      directory: values.out,
      app: values.app?.toLowerCase() ?? null,
      ...range,
      ...keys,
      now: new Date(),
    })
    const { records, unsealed, checkpoint } = manifest
    console.log(
      `${records} records in ${values.out}, proven by checkpoint ${checkpoint.number} of ${checkpoint.sealedAt}`,
    )
    if (unsealed > 0) console.log(`${unsealed} more of that time are not sealed yet: export again in a few seconds`)
    return 0
  },

  async 'audit keys'() {
    const keys = readAuditKeys(process.env)
    if (!keys) throw new UsageError('AUDIT_KEYS is missing')
    for (const [id, key] of keys.publicKeys) console.log(`${id}:${textOfPublicKey(key)}`)
    return 0
  },
}

async function verifyDatabase(keys: PublicKeys | null, kept: Checkpoint[]): Promise<number> {
  await using connection = connect(required('DATABASE_URL'), { maxConnections: 2, statementTimeout: 0 })
  const { trails, log, imports } = await verifyAudit(connection.db, { keys, kept })
  for (const { object, sequence, fault } of trails.faults) console.log(`FAULT ${object} leaf ${sequence}: ${fault}`)
  sayFaults([...log.faults, ...imports.faults])
  console.log(`${trails.objects} objects, ${trails.leaves} leaves, ${trails.faults.length} faults`)
  console.log(`the log: ${log.size} leaves in ${log.checkpoints} checkpoints, ${log.faults.length} faults`)
  console.log(
    `imported lists: ${imports.entries} entries in ${imports.imports} imports, ${imports.faults.length} faults`,
  )
  if (!keys && log.checkpoints > 0)
    console.log('the signatures of the checkpoints were not verified: give --key NAME:KEY, or AUDIT_KEYS')
  return trails.faults.length + log.faults.length + imports.faults.length === 0 ? 0 : 1
}

async function verifyFiles(directory: string, keys: PublicKeys, kept: Checkpoint[]): Promise<number> {
  const { manifest, records, faults } = await verifyExport(directory, keys, kept)
  sayFaults(faults)
  if (manifest) {
    const { app, from, to, checkpoint } = manifest
    console.log(`of ${app ?? 'all apps'}, from ${from ?? 'the beginning'} to ${to ?? manifest.exportedAt}`)
    console.log(`proven by checkpoint ${checkpoint.number} of ${checkpoint.sealedAt}`)
  }
  console.log(`${records} records, ${faults.length} faults`)
  return faults.length === 0 ? 0 : 1
}

const sayFaults = (faults: readonly LogFault[]) => {
  for (const { where, fault } of faults) console.log(`FAULT ${where}: ${fault}`)
}

/** Public keys as `audit keys` prints them. @throws UsageError */
export function keysFrom(texts: readonly string[]): PublicKeys {
  return new Map(
    texts.map((text) => {
      const parts = /^([\w.-]{1,40}):([A-Za-z0-9_-]{43})$/.exec(text)
      if (!parts) throw new UsageError('--key is NAME:KEY, as audit keys prints it')
      return [parts[1]!, publicKeyFromText(parts[2]!)]
    }),
  )
}

/** The time that an option names; null without it. @throws UsageError */
export function momentOf(option: string, text: string | undefined): Date | null {
  if (text === undefined) return null
  const moment = new Date(text)
  if (Number.isNaN(moment.getTime()))
    throw new UsageError(`${option} is a time such as 2026-11-01 or 2026-11-01T12:00:00Z`)
  return moment
}

/** Reads checkpoints as they were kept, a line each. @throws Error naming a line that is none */
async function readCheckpoints(path: string): Promise<Checkpoint[]> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  return lines.flatMap((line, index) => {
    if (line === '') return []
    try {
      return checkpointShape.strict().parse(JSON.parse(line))
    } catch {
      throw new Error(`line ${index + 1} of ${path} is not a checkpoint`)
    }
  })
}

/** What the arguments say. @throws UsageError for what is no option, or lacks its value */
export function parse<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
