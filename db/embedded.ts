import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import {
  type Account,
  type Binaries,
  canReach,
  explainSpawnError,
  findBinaries,
  unprivilegedAccount,
} from './embedded-binaries.ts'
import {
  endPostmaster,
  forgetPostmaster,
  isAlive,
  isPostgres,
  killPostmaster,
  notedPostmaster,
  type Postmaster,
  signal,
} from './embedded-postmaster.ts'
import { until } from './until.ts'

export interface EmbeddedDatabaseOptions {
  /** Holds everything of this server: its data, its passwords (readable by us alone) and its log. Made when missing. */
  directory: string
  /** False for tests only: a power cut may lose or break the data. That processes are killed does not. */
  durable?: boolean
  /** Further settings of PostgreSQL by name, such as `max_connections`. */
  settings?: Record<string, string | number>
}

export interface EmbeddedDatabase extends AsyncDisposable {
  /** As the role that owns the tables and migrates them. */
  ownerUrl: string
  /** As the role the service runs with. */
  applicationUrl: string
  /** As the superuser. For tests and for the operator. */
  adminUrl: string
  port: number
  /** Ends the server in order. Does nothing when another running process of ours started it: that one ends it. */
  stop(): Promise<void>
  /** Ends the server as a power cut would. For tests. */
  kill(): Promise<void>
}

/** What is kept beside the data, in `server.json`, for the next start. */
interface ServerRecord {
  passwords: { admin: string; owner: string; application: string }
  port: number
  /** Process id of who started the server, and ends it. */
  launcher: number
  settings: string[]
}

interface Place {
  directory: string
  data: string
  log: string
  /** The data directory as PostgreSQL is told. */
  dataArgument: string
  account: Account | undefined
  binaries: Binaries
}

/** Milliseconds for a start, which may begin with a long crash recovery. */
const patience = 5 * 60_000
const databaseName = 'provider'
const roles = { admin: 'postgres', owner: 'provider_owner', application: 'provider_app' } as const

/**
 * Starts the embedded PostgreSQL 18 on a loopback port, making its data directory the first time, and returns when it
 * accepts connections. A server left behind by a launcher that was killed is taken over; one whose launcher still runs is
 * shared. The port stays the same over restarts while it is free.
 *
 * @throws Error saying what to do when this machine cannot run it
 */
export async function startDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const place = await findPlace(resolve(options.directory))
  const settings = settingsOf(options)
  await using _lock = await startLock(place.directory)

  const record = await initialise(place)
  const running = await runningServer(place, record)
  const isShared = running !== undefined && record.launcher !== 0 && (await isAlive(record.launcher))
  const canTakeOver = running !== undefined && String(record.settings) === String(settings)
  if (running && !isShared && !canTakeOver) await endPostmaster(place.data, running.pid, place.binaries.pgCtl)

  const ours = { ...record, launcher: process.pid, settings }
  if (!isShared) await writeRecord(place, ours)
  const server = running && (isShared || canTakeOver) ? running : await launch(place, record.port, settings)
  if (!isShared) await writeRecord(place, { ...ours, port: server.port })
  await prepare(record, server.port)
  return handle(place, record, server, isShared)
}

function handle(
  place: Place,
  { passwords }: ServerRecord,
  { pid, port }: { pid: number; port: number },
  isShared: boolean,
): EmbeddedDatabase {
  // a process that ends without stopping the server, by an uncaught error say, does not leave it behind
  const endWithProcess = () => signal(pid, 'SIGINT')
  if (!isShared) process.once('exit', endWithProcess)

  let stopped: Promise<void> | undefined
  const stop = async () => {
    if (isShared) return
    process.removeListener('exit', endWithProcess)
    stopped ??= endPostmaster(place.data, pid, place.binaries.pgCtl)
    await stopped
  }
  const url = (role: keyof typeof roles, database: string) =>
    `postgres://${roles[role]}:${passwords[role]}@127.0.0.1:${port}/${database}`
  return {
    ownerUrl: url('owner', databaseName),
    applicationUrl: url('application', databaseName),
    adminUrl: url('admin', 'postgres'),
    port,
    stop,
    kill: async () => {
      process.removeListener('exit', endWithProcess)
      await killPostmaster(pid)
    },
    [Symbol.asyncDispose]: stop,
  }
}

async function findPlace(directory: string): Promise<Place> {
  const data = join(directory, 'data')
  await mkdir(directory, { recursive: true })
  const account = await unprivilegedAccount(data)
  const binaries = await findBinaries(account)
  let dataArgument = data
  if (account) {
    await chmod(directory, (await stat(directory)).mode | 0o011)
    // Below a directory that only root may pass (root's home), the path is closed to the account but the directory we
    // start it in is not.
    if (!(await canReach(directory, account))) {
      if (process.platform !== 'linux') {
        throw new Error(`PostgreSQL does not run as root and cannot reach ${directory}: start as an ordinary user.`)
      }
      dataArgument = '/proc/self/cwd'
    }
  }
  return { directory, data, log: join(directory, 'postgres.log'), dataArgument, account, binaries }
}

function settingsOf({ durable = true, settings = {} }: EmbeddedDatabaseOptions): string[] {
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // what fails in a statement is the caller's to log, without its values
    log_min_messages: 'fatal',
    jit: 'off',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
    ...settings,
  }
  return Object.entries(all).map(([name, value]) => `${name}=${value}`)
}

/** One start at a time in a directory, over processes. The lock of a process that died is void. */
async function startLock(directory: string): Promise<AsyncDisposable> {
  const path = join(directory, 'start.lock')
  const take = async () => {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw explainAccess(error, directory)
      const holder = Number(await readFile(path, 'utf8').catch(() => ''))
      const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now())
      if (holder ? !(await isAlive(holder)) : age > 2_000) await rm(path, { force: true })
      return false
    }
  }
  await until(take, 120_000, `Another process (see ${path}) is starting this database and does not finish`)
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) }
}

function explainAccess(error: unknown, directory: string): unknown {
  if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return error
  return new Error(`${directory} belongs to another user: start as that user, or remove it to begin anew.`, {
    cause: error,
  })
}

const recordPath = ({ directory }: Place) => join(directory, 'server.json')

async function writeRecord(place: Place, record: ServerRecord) {
  const draft = `${recordPath(place)}.new`
  await writeFile(draft, JSON.stringify(record, null, 2), { mode: 0o600 })
  await keepOwner(place, draft)
  await rename(draft, recordPath(place))
}

/** What root writes into somebody's directory stays theirs, so that they can start it again without root. */
async function keepOwner({ directory, account }: Place, path: string) {
  if (!account) return
  const { uid, gid } = await stat(directory)
  await chown(path, uid, gid)
}

/** Makes the data directory once, in one step at the end: what a crash left half made is made again. */
async function initialise(place: Place): Promise<ServerRecord> {
  const { directory, data, account, binaries } = place
  const isThere = await stat(data).catch(() => undefined)
  if (isThere) {
    try {
      return JSON.parse(await readFile(recordPath(place), 'utf8')) as ServerRecord
    } catch (cause) {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
      if (!missing) throw explainAccess(cause, directory)
      throw new Error(
        `${recordPath(place)} with the passwords of the data beside it is gone: restore it, or remove ${directory}.`,
        { cause },
      )
    }
  }

  const password = () => randomBytes(24).toString('base64url')
  const passwords = { admin: password(), owner: password(), application: password() }
  const record: ServerRecord = { passwords, port: 0, launcher: 0, settings: [] }
  const [draft, secret] = [join(directory, 'data.new'), join(directory, '.initdb')]
  await rm(draft, { recursive: true, force: true })
  await rm(secret, { force: true })
  await mkdir(draft, { mode: 0o700 })
  await writeFile(secret, passwords.admin, { mode: 0o600 })
  if (account) for (const path of [draft, secret]) await chown(path, account.uid, account.gid)

  const target = place.dataArgument === data ? draft : place.dataArgument
  const initdb = async (...parameters: string[]) => {
    const options = { cwd: draft, encoding: 'utf8', windowsHide: true, ...account } as const
    const { error, status, stderr } = spawnSync(binaries.initdb, ['-D', target, ...parameters], options)
    if (error) throw await explainSpawnError(error, binaries.initdb)
    if (status !== 0) throw new Error(`PostgreSQL could not make its data directory ${draft}: ${stderr.trim()}`)
  }
  try {
    // one sync at the end instead of one for every file is six times faster
    await initdb(
      `--username=${roles.admin}`,
      '--auth=scram-sha-256',
      '--pwfile=../.initdb',
      '--locale=C',
      '--encoding=UTF8',
      '--no-sync',
    )
    await initdb('--sync-only')
  } finally {
    await rm(secret, { force: true })
  }
  await writeRecord(place, record)
  await rename(draft, data)
  return record
}

/**
 * The server that already runs on this data, once it answers to our password; one that is ending is waited for. Clears what
 * a dead one left.
 */
async function runningServer(place: Place, record: ServerRecord): Promise<{ pid: number; port: number } | undefined> {
  for (const deadline = Date.now() + patience; ; await sleep(20)) {
    const noted = await notedPostmaster(place.data)
    if (!noted) return undefined
    const answer = (await isPostgres(noted.pid)) ? await answerOf(noted, record) : 'not ours'
    if (answer === 'ours') return { pid: noted.pid, port: noted.port }
    if (answer === 'not ours') {
      await forgetPostmaster(place.data)
      return undefined
    }
    if (Date.now() > deadline) {
      throw new Error(
        `A PostgreSQL (process ${noted.pid}) holds ${place.data} and does not answer: end it, and start again.`,
      )
    }
  }
}

async function answerOf({ isReady, port }: Postmaster, record: ServerRecord): Promise<'ours' | 'not ours' | 'not now'> {
  if (!isReady) return 'not now'
  try {
    await asAdmin(record, port, async () => {})
    return 'ours'
  } catch (error) {
    const isPasswordWrong = (error as { code?: string }).code === '28P01'
    return isPasswordWrong ? 'not ours' : 'not now'
  }
}

async function asAdmin<Result>(
  { passwords }: ServerRecord,
  port: number,
  work: (client: pg.Client) => Promise<Result>,
) {
  const [host, user, password, database] = ['127.0.0.1', roles.admin, passwords.admin, 'postgres']
  const client = new pg.Client({ host, port, user, password, database })
  client.on('error', () => {}) // the query under way fails with it
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function launch(place: Place, lastPort: number, settings: string[]): Promise<{ pid: number; port: number }> {
  let port = lastPort
  for (const deadline = Date.now() + 20_000; ; ) {
    port = await freePort(port)
    const outcome = await launchOnce(place, port, settings)
    if ('pid' in outcome) return { pid: outcome.pid, port }
    const isPortTaken = /could not create any TCP\/IP sockets/.test(outcome.complaint)
    // the processes of a server that was killed need a moment to notice
    const isPredecessorThere = /shared memory block|lock file .* already exists/.test(outcome.complaint)
    if ((!isPortTaken && !isPredecessorThere) || Date.now() > deadline) {
      throw new Error(`PostgreSQL did not start (its log: ${place.log}):\n${outcome.complaint}`)
    }
    if (isPortTaken) port = 0
    else await sleep(100)
  }
}

async function launchOnce(
  place: Place,
  port: number,
  settings: string[],
): Promise<{ pid: number } | { complaint: string }> {
  const parameters = ['-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  const log = await open(place.log, 'a')
  await keepOwner(place, place.log)
  const { size } = await log.stat()
  try {
    const pid =
      process.platform === 'win32'
        ? await spawnOnWindows(place, parameters)
        : await spawnServer(place, parameters, log.fd)
    if (pid !== undefined) return { pid }
    const complaint = (await readFile(place.log)).subarray(size).toString()
    return { complaint: complaint.trim() || 'it ended without a word' }
  } finally {
    await log.close()
  }
}

/** Starts it in a process group of its own: Ctrl-C reaches us, and we end it in order. */
async function spawnServer(place: Place, parameters: string[], log: number): Promise<number | undefined> {
  const child = spawn(place.binaries.postgres, ['-D', place.dataArgument, ...parameters], {
    cwd: place.data,
    detached: true,
    stdio: ['ignore', log, log],
    ...place.account,
  })
  let failure: Error | undefined
  child.on('error', (error) => {
    failure = error
  })
  child.unref()
  if (child.pid === undefined) {
    await until(async () => failure !== undefined, 1_000, 'PostgreSQL could not be started')
    throw await explainSpawnError(failure!, place.binaries.postgres)
  }
  const isRunning = () => child.exitCode === null && child.signalCode === null
  for (const deadline = Date.now() + patience; isRunning() && Date.now() < deadline; await sleep(5)) {
    const noted = await notedPostmaster(place.data)
    if (noted?.pid === child.pid && noted.isReady) return child.pid
  }
  return undefined
}

/** On Windows pg_ctl starts it, since it drops administrator rights, which PostgreSQL refuses. */
async function spawnOnWindows(place: Place, parameters: string[]): Promise<number | undefined> {
  const options = parameters.map((parameter) => `"${parameter}"`).join(' ')
  const result = spawnSync(place.binaries.pgCtl, ['start', '-w', '-D', place.data, '-l', place.log, '-o', options], {
    stdio: 'ignore',
    windowsHide: true,
  })
  if (result.error) throw await explainSpawnError(result.error, place.binaries.pgCtl)
  return result.status === 0 ? (await notedPostmaster(place.data))?.pid : undefined
}

/** `wanted` when it is free, else any free port. */
async function freePort(wanted: number): Promise<number> {
  const server = createServer()
  const listen = (port: number) =>
    new Promise<void>((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done))
  await listen(wanted).catch(() => listen(0))
  const { port } = server.address() as { port: number }
  await new Promise((done) => server.close(done))
  return port
}

/** The two roles and the database, when they are not there yet. */
const prepare = (record: ServerRecord, port: number) =>
  asAdmin(record, port, async (client) => {
    for (const role of ['owner', 'application'] as const) {
      const { rows } = await client.query('select 1 from pg_roles where rolname = $1', [roles[role]])
      if (rows.length === 0) await client.query(`create role ${roles[role]} login password '${record.passwords[role]}'`)
    }
    const { rows } = await client.query('select 1 from pg_database where datname = $1', [databaseName])
    if (rows.length === 0) await client.query(`create database ${databaseName} owner ${roles.owner}`)
  })
