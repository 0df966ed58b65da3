import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect as connectSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startDatabase } from '../../db/embedded.ts'
import { canReach, copyBinaries, findBinaries, hydrateSymlinks } from '../../db/embedded-binaries.ts'
import { isAlive, notedPostmaster } from '../../db/embedded-postmaster.ts'
import { until } from '../../db/until.ts'

// Making a data directory takes a second: the tests that need not begin with none share this one, and leave no server in it.
let directory: Awaited<ReturnType<typeof temporaryDirectory>>
beforeAll(async () => {
  directory = await temporaryDirectory()
  await (await start(directory.path)).stop()
})
afterAll(() => directory[Symbol.asyncDispose]())

const isRoot = process.getuid?.() === 0
const start = (directory: string) => startDatabase({ directory, durable: false })

async function temporaryDirectory(mode = 0o755) {
  const path = await mkdtemp(join(tmpdir(), `provider-service-tests-${process.pid}-`))
  await chmod(path, mode)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

const isListening = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connectSocket(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })

/** The database started by another process, in a process group of its own as a terminal's job is. */
async function launchElsewhere(directory: string, ending = 'in-order') {
  const script = join(import.meta.dirname, '../support/database-launcher.ts')
  const child = spawn(process.execPath, [script, directory, ending], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextLine = async () => JSON.parse(String((await lines.next()).value))
  const { adminUrl, port } = (await nextLine()) as { adminUrl: string; port: number }
  return { child, adminUrl, port, nextLine }
}

async function killed(child: ChildProcess) {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test('a second start keeps the data, the passwords and the port', async () => {
  const first = await start(directory.path)
  await query(first.ownerUrl, 'create table first_start (n int4); insert into first_start values (7)')
  await first.stop()
  expect(await isListening(first.port)).toBe(false)

  await using second = await start(directory.path)

  expect(second.ownerUrl).toBe(first.ownerUrl)
  expect(await query(second.ownerUrl, 'select n from first_start')).toEqual([{ n: 7 }])
})

test('passwords are random, kept to ourselves, asked for, and the roles are not superusers', async () => {
  await using directory = await temporaryDirectory()
  await using database = await start(directory.path)

  const { mode } = await stat(join(directory.path, 'server.json'))
  expect(mode & 0o777).toBe(0o600)
  expect((await readdir(directory.path)).sort()).toEqual(['data', 'postgres.log', 'server.json'])
  const wrong = new URL(database.ownerUrl)
  wrong.password = 'postgres'
  await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
  const roles = `select rolname, rolsuper, rolcreaterole, rolpassword like 'SCRAM-SHA-256$%' as scram
    from pg_authid where rolname like 'provider%' order by rolname`
  expect(await query(database.adminUrl, roles)).toEqual([
    { rolname: 'provider_app', rolsuper: false, rolcreaterole: false, scram: true },
    { rolname: 'provider_owner', rolsuper: false, rolcreaterole: false, scram: true },
  ])
  const [settings] = await query(
    database.adminUrl,
    `select current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets,
      datcollate, pg_encoding_to_char(encoding) as encoding from pg_database where datname = 'provider'`,
  )
  expect(settings).toEqual({ addresses: '127.0.0.1', sockets: '', datcollate: 'C', encoding: 'UTF8' })
})

test('real data is flushed to the disk, unless a test says otherwise', async () => {
  await using database = await startDatabase({ directory: directory.path, settings: { max_connections: 17 } })

  const [settings] = await query(
    database.adminUrl,
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous,
      current_setting('max_connections') as connections`,
  )
  expect(settings).toEqual({ fsync: 'on', synchronous: 'on', connections: '17' })
})

test('after kill -9 of the server, what was committed is there again', async () => {
  const first = await startDatabase({ directory: directory.path })
  await query(first.ownerUrl, 'create table kept (n int4); insert into kept values (7)')
  await first.kill()

  await using second = await startDatabase({ directory: directory.path })

  expect(second.port).toBe(first.port)
  expect(await query(second.ownerUrl, 'select n from kept')).toEqual([{ n: 7 }])
})

test('a server left behind by a launcher that was killed is taken over, and ended by who took it', async () => {
  const elsewhere = await launchElsewhere(directory.path)
  await query(elsewhere.adminUrl, 'create table orphaned (n int4)')
  const orphan = await notedPostmaster(join(directory.path, 'data'))
  await killed(elsewhere.child)
  expect(await isAlive(orphan!.pid)).toBe(true)

  const database = await start(directory.path)

  expect((await notedPostmaster(join(directory.path, 'data')))?.pid).toBe(orphan!.pid)
  expect(await query(database.adminUrl, 'select n from orphaned')).toEqual([])
  await database.stop()
  expect(await isAlive(orphan!.pid)).toBe(false)
})

test('an orphan that runs with other settings is started anew with ours', async () => {
  const elsewhere = await launchElsewhere(directory.path)
  await killed(elsewhere.child)

  await using database = await startDatabase({ directory: directory.path })

  expect(await query(database.adminUrl, 'show fsync')).toEqual([{ fsync: 'on' }])
})

test('a server whose launcher runs is shared, and not ended by the guest', async () => {
  const elsewhere = await launchElsewhere(directory.path)

  const guest = await start(directory.path)
  expect(guest.adminUrl).toBe(elsewhere.adminUrl)
  await guest.stop()

  expect(await query(elsewhere.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  elsewhere.child.kill('SIGINT')
  expect(await elsewhere.nextLine()).toEqual({ answerAfterSignal: 1 })
  expect(await isListening(elsewhere.port)).toBe(false)
})

test('two who start at once get one server', async () => {
  const [one, two] = await Promise.all([start(directory.path), start(directory.path)])
  expect(one.adminUrl).toBe(two.adminUrl)
  expect(await query(one.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  await Promise.all([one.stop(), two.stop()])
  expect(await isListening(one.port)).toBe(false)
})

test.skipIf(process.platform === 'win32')(
  'Ctrl-C reaches the launcher alone, which can still use the database',
  async () => {
    const elsewhere = await launchElsewhere(directory.path)

    process.kill(-elsewhere.child.pid!, 'SIGINT') // as a terminal does: to the whole group

    expect(await elsewhere.nextLine()).toEqual({ answerAfterSignal: 1 })
    expect(await isListening(elsewhere.port)).toBe(false)
  },
)

test('a launcher that ends without stopping the server does not leave it behind', async () => {
  const elsewhere = await launchElsewhere(directory.path, 'without-stopping')

  elsewhere.child.kill('SIGINT')

  await until(async () => !(await isListening(elsewhere.port)), 10_000, 'the server does not end')
})

test('a server that is just ending is waited for', async () => {
  const first = await start(directory.path)
  const { pid } = (await notedPostmaster(join(directory.path, 'data')))!
  process.kill(pid, 'SIGINT')

  await using second = await start(directory.path)

  expect(second.port).toBe(first.port)
  expect((await notedPostmaster(join(directory.path, 'data')))?.pid).not.toBe(pid)
  expect(await query(second.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('the note of a dead server whose process id somebody else has now is no hindrance', async () => {
  await (await start(directory.path)).stop()
  await writeFile(
    join(directory.path, 'data', 'postmaster.pid'),
    `${process.pid}\n/elsewhere\n0\n1\n\n127.0.0.1\n\nready\n`,
  )

  await using database = await start(directory.path)

  expect(await query(database.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a data directory that a crash left half made is made again', async () => {
  await using directory = await temporaryDirectory()
  await mkdir(join(directory.path, 'data.new'))
  await writeFile(join(directory.path, 'data.new', 'PG_VERSION'), '18')
  await writeFile(join(directory.path, 'start.lock'), '999999999')

  await using database = await start(directory.path)

  expect(await query(database.ownerUrl, 'select current_user as me')).toEqual([{ me: 'provider_owner' }])
})

test('when it cannot start, the error shows what PostgreSQL said', async () => {
  await expect(startDatabase({ directory: directory.path, settings: { no_such_setting: 1 } })).rejects.toThrow(
    /unrecognized configuration parameter "no_such_setting"/,
  )
})

test('lost passwords are said to be lost', async () => {
  await using directory = await temporaryDirectory()
  await mkdir(join(directory.path, 'data'))

  await expect(start(directory.path)).rejects.toThrow(/server\.json .* is gone: restore it, or remove/)
})

test.runIf(isRoot && process.platform === 'linux')(
  'as root it runs below a directory that only root may pass',
  async () => {
    await using directory = await temporaryDirectory(0o700)
    const inside = join(directory.path, 'state', 'postgres')

    const first = await start(inside)
    const postmaster = await notedPostmaster(join(inside, 'data'))
    const { uid } = await stat(`/proc/${postmaster!.pid}`)
    expect(uid).not.toBe(0)
    await query(first.ownerUrl, 'create table kept (n int4)')
    await first.kill()

    await using second = await start(inside)
    expect(await query(second.ownerUrl, 'select n from kept')).toEqual([])
    expect((await stat(directory.path)).mode & 0o777).toBe(0o700)
  },
)

test.runIf(isRoot)('programs that another account cannot reach are copied to where it can', async () => {
  const { postgres } = await findBinaries(undefined)
  await using closed = await temporaryDirectory(0o700)
  await using cache = await temporaryDirectory()
  const pkg = join(closed.path, 'package')
  await cp(join(postgres, '../../..'), pkg, { recursive: true, verbatimSymlinks: true })
  const nobody = { uid: 65534, gid: 65534 }
  expect(await canReach(join(pkg, 'native'), nobody)).toBe(false)

  const copy = await copyBinaries(join(pkg, 'native'), cache.path)

  expect(await canReach(copy, nobody)).toBe(true)
  const version = spawn(join(copy, 'bin', basename(postgres)), ['--version'], { ...nobody, stdio: 'ignore' })
  expect(await once(version, 'exit')).toEqual([0, null])
  expect(await copyBinaries(join(pkg, 'native'), cache.path)).toBe(copy)
  expect(await readdir(cache.path)).toEqual([basename(copy)])

  await chmod(copy, 0o777) // somebody else could have put anything there
  expect(await copyBinaries(join(pkg, 'native'), cache.path)).not.toBe(copy)
})

test.skipIf(process.platform === 'win32')('links that npm could not carry are made, once', async () => {
  await using directory = await temporaryDirectory()
  const native = join(directory.path, 'native')
  await mkdir(join(native, 'lib'), { recursive: true })
  await writeFile(join(native, 'lib', 'libpq.so.5.18'), 'library')
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]
  await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify(links))

  await hydrateSymlinks(native)
  await hydrateSymlinks(native)

  expect(await readFile(join(native, 'lib', 'libpq.so.5'), 'utf8')).toBe('library')
})
