import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { until } from './until.ts'

/** What PostgreSQL says of itself in `postmaster.pid`. */
export interface Postmaster {
  pid: number
  port: number
  isReady: boolean
}

const pidFile = (data: string) => join(data, 'postmaster.pid')

/** The postmaster noted in the data directory, whether it still lives or not. */
export async function notedPostmaster(data: string): Promise<Postmaster | undefined> {
  const lines = (await readFile(pidFile(data), 'utf8').catch(() => '')).split('\n')
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  if (!pid) return undefined
  return { pid, port, isReady: lines[7]?.trim() === 'ready' }
}

/** Removes the note of a postmaster that is gone, lest PostgreSQL takes whoever has its process id now for it. */
export const forgetPostmaster = (data: string) => rm(pidFile(data), { force: true })

/** Whether the process runs. One that ended and that nobody waited for (an orphan in a container) does not. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  if (process.platform !== 'linux') return true
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const state = status.slice(status.lastIndexOf(')') + 2)[0]
  return state !== undefined && state !== 'Z' && state !== 'X'
}

/** Whether the process is a PostgreSQL server, as far as the system tells. */
export async function isPostgres(pid: number): Promise<boolean> {
  if (!(await isAlive(pid))) return false
  if (process.platform === 'win32') return true
  if (process.platform === 'linux') {
    const [program = ''] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
    return basename(program).startsWith('postgres')
  }
  const { stdout } = await promisify(execFile)('ps', ['-p', String(pid), '-o', 'comm=']).catch(() => ({ stdout: '' }))
  return stdout.includes('postgres')
}

/**
 * Ends the server in order: open connections are closed, a checkpoint is written. Returns when the process is gone.
 *
 * @throws Error when it still runs after a minute
 */
export async function endPostmaster(data: string, pid: number, pgCtl: string): Promise<void> {
  if (process.platform === 'win32') {
    await promisify(execFile)(pgCtl, ['stop', '-w', '-m', 'fast', '-D', data]).catch(() => {})
  } else {
    signal(pid, 'SIGINT')
  }
  await until(async () => !(await isAlive(pid)), 60_000, `PostgreSQL (process ${pid}) does not end`)
}

/** Ends the server as a power cut would. Returns when its first process is gone. */
export async function killPostmaster(pid: number): Promise<void> {
  signal(pid, 'SIGKILL')
  await until(async () => !(await isAlive(pid)), 10_000, `PostgreSQL (process ${pid}) does not die`)
}

/** Sends a signal to a process that may be gone already. */
export function signal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
