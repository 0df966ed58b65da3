import { type ChildProcess, fork } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The service in a process of its own. */
export interface Service extends AsyncDisposable {
  url: string
  processId: number
  /** Resolves when the process has ended, however it did. */
  ended: Promise<void>
  /** SIGTERM: drains and ends. */
  stop(): Promise<void>
  /** SIGKILL: ends as a crash does. */
  kill(): Promise<void>
}

const main = fileURLToPath(new URL('../server/main.ts', import.meta.url))

/**
 * Starts the service with exactly these variables and waits until it listens. Its log goes to `logFile`, or nowhere.
 *
 * @throws Error with the end of its output when it does not come up
 */
export async function startService(environment: Record<string, string>, logFile?: string): Promise<Service> {
  const child = fork(main, [], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // as `npm run serve` does: without a bound the heap grows to what the machine has before it is swept
    execArgv: ['--max-semi-space-size=16', '--max-old-space-size=256'],
    // Ctrl-C reaches a whole process group: whoever started the service ends it in order
    detached: true,
  })
  const log = logFile ? createWriteStream(logFile, { flags: 'a' }) : null
  let lastOutput = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk: Buffer) => {
      lastOutput = (lastOutput + chunk).slice(-4_000)
      log?.write(chunk)
    })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  void ended.then(() => log?.end())

  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message: { url: string }) => resolve(message.url))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`The service ended with ${code} before it listened:\n${lastOutput}`)))
  })
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    signalTo(child, signal)
    await ended
  }
  const stop = () => end('SIGTERM')
  return { url, processId: child.pid!, ended, stop, kill: () => end('SIGKILL'), [Symbol.asyncDispose]: stop }
}

function signalTo(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal)
}
