import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { connect } from '../../db/connect.ts'
import { reportKinds } from '../domain/reports/kinds.ts'
import { makeReport } from '../domain/reports/make-report.ts'
import { verifyReport } from '../domain/reports/verify-report.ts'
import { emptyDirectory, writeReport } from '../domain/reports/write-report.ts'
import { readAuditKeys } from '../environment.ts'
import { keysFrom, momentOf, parse } from './audit-commands.ts'
import { required, UsageError } from './usage-error.ts'

export const reportUsage = `  reports create --app ID --from TIME --to TIME --out DIR [--kind KIND …]
                               write a report of the time from --from to before --to (AUDIT_KEYS signs it), see docs/reports.md;
                               KIND is ${reportKinds.slice(0, 4).join(', ')},
                               ${reportKinds.slice(4).join(', ')}; all of them without any
  reports verify DIR --key NAME:KEY
                               verify a report; needs no database`

export const reportCommands: Record<string, (args: string[]) => Promise<number>> = {
  async 'reports create'(args) {
    const options = {
      app: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      out: { type: 'string' },
      kind: { type: 'string', multiple: true },
    } as const
    const { values } = parse(() => parseArgs({ args, options }))
    if (!values.out) throw new UsageError('reports create needs --out, a directory that is empty or not there yet')
    const app = z.uuid().safeParse(values.app)
    if (!app.success) throw new UsageError('reports create needs --app, the id of an app')
    const kinds = z.array(z.enum(reportKinds)).safeParse(values.kind ?? reportKinds)
    if (!kinds.success) throw new UsageError(`--kind is one of ${reportKinds.join(', ')}`)
    const [from, to] = [momentOf('--from', values.from), momentOf('--to', values.to)]
    if (!from || !to || from >= to) throw new UsageError('reports create needs --from and --to, in this order')
    const keys = readAuditKeys(process.env)
    if (!keys) throw new UsageError('AUDIT_KEYS is missing')
    await emptyDirectory(values.out)
    await using connection = connect(required('DATABASE_URL'), { maxConnections: 2, statementTimeout: 0 })
    const { files } = await makeReport(
      connection.db,
      {
        id: randomUUID(),
        appId: app.data.toLowerCase(),
        kinds: kinds.data,
        from,
        to,
        requestedBy: 'system:provider',
        now: new Date(),
      },
      keys,
    )
    await writeReport(values.out, files)
    console.log(`${files.length} files in ${values.out}; open report.html`)
    return 0
  },

  async 'reports verify'(args) {
    const options = { key: { type: 'string', multiple: true } } as const
    const { values, positionals } = parse(() => parseArgs({ args, options, allowPositionals: true }))
    const [directory, ...more] = positionals
    if (!directory || more.length > 0) throw new UsageError('reports verify needs one DIR')
    const keys = values.key ? keysFrom(values.key) : readAuditKeys(process.env)?.publicKeys
    if (!keys) throw new UsageError('reports verify needs --key NAME:KEY, see audit keys')
    const { manifest, faults } = await verifyReport(directory, keys)
    for (const { where, fault } of faults) console.log(`FAULT ${where}: ${fault}`)
    if (manifest) {
      console.log(`report ${manifest.report} of ${manifest.appName}, from ${manifest.from} to before ${manifest.to}`)
      console.log(`${Object.keys(manifest.files).length} files, ${faults.length} faults`)
    }
    return faults.length === 0 ? 0 : 1
  },
}
