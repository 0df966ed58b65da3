import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Connection, connect } from '../../../db/connect.ts'
import { giveLease } from '../../../server/workers/lease.ts'
import { defineBench } from '../bench.ts'
import { startLoad } from '../load/load.ts'
import { CONNECTIONS, errorsIn, lineOf, type Measured, measure } from '../load/measure.ts'
import { paymentCalls } from '../payments/payment-calls.ts'
import { type Setting, startSetting } from '../setting.ts'
import { median } from '../statistics.ts'
import { numberOf } from '../table.ts'
import { writeRecords } from './write-records.ts'

const run = promisify(execFile)

/** While the bench holds it, the service does not seal. */
const lease = { name: 'sealer', holder: randomUUID() }

export const audit = defineBench({
  name: 'audit',
  says: 'payments.create with and without the sealing of the audit trail, in turn; and how long verification takes.',
  options: {
    seconds: { says: 'length of a round', byDefault: 9 },
    rounds: { says: 'rounds of each, without and with sealing in turn', byDefault: 5 },
    warmup: { says: 'seconds of load before the rounds', byDefault: 6 },
    records: { says: 'records to be verified', byDefault: 1_000_000 },
  },
  figures: {
    rate: { says: 'payments accepted a second, while their leaves are sealed', unit: '/s' },
    unsealedRate: { says: 'the same, nothing is sealed', unit: '/s' },
    slowdown: { says: 'slower by', unit: '%', atMost: 10 },
    p99: { says: '99 of 100 are answered within, while sealing', unit: 'ms' },
    unsealedP99: { says: 'the same, nothing is sealed', unit: 'ms' },
    lag: { says: 'after a round, the last leaf is sealed within', unit: 's', atMost: 10 },
    retries: { says: 'transactions the database had run again, for 100 payments, while sealing', unit: '' },
    errors: { says: 'requests not accepted', unit: '', atMost: 0 },
    records: { says: 'records verified, each in its trail and in the log', unit: '' },
    verifySeconds: { says: 'provider audit verify, on the database', unit: 's', atMost: 30 },
    exportSeconds: { says: 'provider audit export, of all of them', unit: 's' },
    verifyExportSeconds: { says: 'provider audit verify, on the export', unit: 's', atMost: 30 },
    faults: { says: 'verifications that found a fault or too few records', unit: '', atMost: 0 },
  },

  async run({ options, stack, say }) {
    say(`${CONNECTIONS} connections, fsync on, leaves are sealed every 3 s by the process that accepts the payments.`)
    say('Of the workers only the sealer is on (WORKERS=sealer). Rate limits are off.\n')
    const setting = stack.use(
      await startSetting({ wallets: 100, paywalls: 5, environment: { WORKERS: 'sealer', SEAL_INTERVAL_MS: '3000' } }),
    )
    const connection = stack.use(connect(setting.sandbox.database.ownerUrl, { maxConnections: 2, statementTimeout: 0 }))
    const sealing = await measureSealing(setting, connection, stack, options, say)

    const directory = await mkdtemp(join(tmpdir(), 'provider-service-bench-audit-'))
    stack.defer(() => rm(directory, { recursive: true, force: true }))
    return { ...sealing, ...(await measureVerification(setting, connection, options.records!, directory, say)) }
  },
})

async function measureSealing(
  setting: Setting,
  { db }: Connection,
  stack: AsyncDisposableStack,
  options: Record<string, number>,
  say: (line: string) => void,
) {
  const load = startLoad(stack)
  const service = paymentCalls(setting)
  /** @returns seconds until every leaf is sealed */
  const sealed = async () => {
    await giveLease(db, lease)
    const began = performance.now()
    while (await isWaiting(db)) await sleep(50)
    return (performance.now() - began) / 1000
  }
  const rounds: { without: Measured; with: Measured; lag: number }[] = []
  const warm = await measure(load, service, options.warmup!)
  await sealed()
  for (let number = 1; number <= options.rounds!; number++) {
    await seizeLease(db, options.seconds! + 60)
    const without = await measure(load, service, options.seconds!)
    await sealed()
    const sealing = await measure(load, service, options.seconds!)
    rounds.push({ without, with: sealing, lag: await sealed() })
    say(`round ${number}   without ${lineOf(without)}   sealing ${lineOf(sealing)}`)
  }
  const middle = (of: (round: (typeof rounds)[number]) => number) => median(rounds.map(of))
  const [rate, unsealedRate] = [middle((round) => round.with.rate), middle((round) => round.without.rate)]
  return {
    rate,
    unsealedRate,
    // each round beside its neighbour: a machine that others use is not the same from minute to minute
    slowdown: middle((round) => 1 - round.with.rate / round.without.rate) * 100,
    p99: middle((round) => round.with.p99),
    unsealedP99: middle((round) => round.without.p99),
    lag: Math.max(...rounds.map(({ lag }) => lag)),
    retries: middle((round) => round.with.retries),
    errors: errorsIn([warm, ...rounds.flatMap((round) => [round.without, round.with])], say),
  }
}

const isWaiting = async (db: Connection['db']) =>
  (await db.selectFrom('audit_unsealed').select('stream').limit(1).executeTakeFirst()) !== undefined

/** Takes the lease from the service, which holds it for as long as it runs. */
const seizeLease = (db: Connection['db'], seconds: number) => {
  const held = { holder: lease.holder, held_until: new Date(Date.now() + seconds * 1000) }
  return db
    .insertInto('lease')
    .values({ name: lease.name, ...held })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(held))
    .execute()
}

async function measureVerification(
  { sandbox, service, appId }: Setting,
  { db, pool }: Connection,
  records: number,
  directory: string,
  say: (line: string) => void,
) {
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<{ seconds: number; result: T }> => {
    const began = performance.now()
    const result = await work()
    const seconds = (performance.now() - began) / 1000
    say(`${what}: ${numberOf(seconds)} s`)
    return { seconds, result }
  }
  const countLeaves = async () => {
    const counting = db.selectFrom('audit').select((of) => of.fn.countAll<bigint>().as('count'))
    return Number((await counting.executeTakeFirstOrThrow()).count)
  }
  say('')
  const missing = records - (await countLeaves())
  await timed('writing the records', () => writeRecords(pool, appId, missing))
  await timed('sealing them', async () => {
    while (await isWaiting(db)) await sleep(100)
  })
  // what is measured is the command, not the service beside it
  await service.stop()
  await pool.query('vacuum (analyze) audit, audit_position, app')

  const environment = { DATABASE_URL: sandbox.database.applicationUrl, AUDIT_KEYS: sandbox.environment.AUDIT_KEYS! }
  const { stdout: key } = await provider(['audit', 'keys'], environment)
  const out = join(directory, 'export')
  const verified = await timed('audit verify', () => provider(['audit', 'verify'], environment))
  const exported = await timed('audit export', () => provider(['audit', 'export', '--out', out], environment))
  const verifiedExport = await timed('audit verify --export', () =>
    provider(['audit', 'verify', '--export', out, '--key', key.trim()], {}),
  )
  const count = await countLeaves()
  const areWhole = [
    verified.result.ok && verified.result.stdout.includes(` ${count} leaves, 0 faults`),
    exported.result.ok && exported.result.stdout.startsWith(`${count} records`),
    verifiedExport.result.ok && verifiedExport.result.stdout.includes(`${count} records, 0 faults`),
  ]
  return {
    records: count,
    verifySeconds: verified.seconds,
    exportSeconds: exported.seconds,
    verifyExportSeconds: verifiedExport.seconds,
    faults: areWhole.filter((whole) => !whole).length,
  }
}

/** The operator's command line, in a process of its own. */
async function provider(args: string[], env: Record<string, string>): Promise<{ ok: boolean; stdout: string }> {
  const program = fileURLToPath(new URL('../../../server/cli.ts', import.meta.url))
  try {
    const { stdout } = await run(process.execPath, [program, ...args], { env: { PATH: process.env.PATH, ...env } })
    return { ok: true, stdout }
  } catch (error) {
    return { ok: false, stdout: (error as { stdout?: string }).stdout ?? '' }
  }
}
