import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Runs blocks one after the other as a person types them: each begins in the folder where the one before ended. */
export interface Shell extends AsyncDisposable {
  folder: string
  /** @returns what it wrote. @throws Error with it, if it fails */
  run(commands: string): Promise<string>
  /** Starts what goes on running, and waits until it says this. Interrupted as by Ctrl-C when the shell is disposed. */
  start(commands: string, until: string): Promise<void>
  /** Keeps a file in the folder. */
  save(name: string, text: string): Promise<void>
}

export function openShell(scratch: string, environment: NodeJS.ProcessEnv): Shell {
  const running: ChildProcess[] = []
  const kept = join(scratch, '.folder')
  const bash = (commands: string) =>
    spawn('bash', ['-euo', 'pipefail', '-c', `cd '${shell.folder}'\n${commands}\npwd -L > '${kept}'`], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
  const gather = (child: ChildProcess, onMore?: (written: string) => void) => {
    let written = ''
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk) => {
        written += chunk
        onMore?.(written)
      })
    return () => written
  }
  const shell: Shell = {
    folder: scratch,
    async run(commands) {
      const child = bash(commands)
      const written = gather(child)
      const [code] = await once(child, 'close')
      if (code !== 0) throw new Error(`It ended with ${code}:\n${commands}\n${written()}`)
      shell.folder = (await readFile(kept, 'utf8')).trim()
      return written()
    },
    async start(commands, until) {
      const child = bash(commands)
      running.push(child)
      await new Promise<void>((resolve, reject) => {
        const written = gather(child, (text) => text.includes(until) && resolve())
        child.once('close', (code) => reject(new Error(`It ended with ${code}:\n${commands}\n${written()}`)))
      })
    },
    save: (name, text) => writeFile(join(shell.folder, name), text),
    async [Symbol.asyncDispose]() {
      for (const child of running) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        const closed = once(child, 'close')
        process.kill(-child.pid!, 'SIGINT')
        await closed
      }
    },
  }
  return shell
}
