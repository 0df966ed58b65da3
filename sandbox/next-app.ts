import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** A built Next.js app that runs. */
export interface NextApp extends AsyncDisposable {
  url: string
  /** Resolves when its process has ended, however it did. */
  ended: Promise<void>
}

export interface NextAppOptions {
  /** Where the app is, installed and built. */
  folder: string
  port: number
  /** Exactly its variables. */
  environment: Record<string, string>
  logFile: string
}

/** Milliseconds within which it has to answer. */
const PATIENCE = 60_000

/**
 * Starts a built app on this machine alone, and waits until it answers.
 *
 * @throws Error with the end of its output when it does not come up
 */
export async function startNextApp({ folder, port, environment, logFile }: NextAppOptions): Promise<NextApp> {
  const next = join(folder, 'node_modules', 'next', 'dist', 'bin', 'next')
  const child = spawn(process.execPath, [next, 'start', '--hostname', 'localhost', '--port', String(port)], {
    cwd: folder,
    env: { PATH: process.env.PATH, NEXT_TELEMETRY_DISABLED: '1', ...environment } as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C reaches a whole process group: whoever started the app ends it in order
    detached: true,
  })
  const log = createWriteStream(logFile, { flags: 'a' })
  let lastOutput = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      lastOutput = (lastOutput + chunk).slice(-4_000)
      log.write(chunk)
    })
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  })
  void ended.then(() => log.end())
  const isOver = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null
  const stop = async () => {
    if (!isOver()) child.kill('SIGTERM')
    await ended
  }

  const url = `http://localhost:${port}`
  for (const deadline = Date.now() + PATIENCE; ; await pause(50)) {
    if (isOver() || Date.now() > deadline) {
      await stop()
      throw new Error(`The app did not come up at ${url}:\n${lastOutput}`)
    }
    const answers = await fetch(url, { method: 'HEAD', redirect: 'manual' }).then(
      () => true,
      () => false,
    )
    if (answers) return { url, ended, [Symbol.asyncDispose]: stop }
  }
}
