import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { eventually } from '../../support/eventually.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where programs that tests start leave what Node has compiled of them: compiled once in a run, not at each start. */
    compiledDirectory: string
  }
}

/** A program of the service that has ended. */
export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** One that runs: what it has written so far, and how it ends. */
export interface Running extends AsyncDisposable {
  child: ChildProcess
  output(): string
  ended: Promise<Ended>
}

/** Starts a program of the service with exactly these variables of its own. Killed when disposed, if it still runs. */
export function start(program: string, args: string[], environment: Record<string, string>): Running {
  const file = fileURLToPath(new URL(`../../../${program}`, import.meta.url))
  const child = spawn(process.execPath, [file, ...args], {
    env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: inject('compiledDirectory'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return {
    child,
    output: () => stdout + stderr,
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Runs a program to its end. */
export async function run(program: string, args: string[], environment: Record<string, string>): Promise<Ended> {
  await using running = start(program, args, environment)
  return await running.ended
}

/** Where a service that was started listens, once it does. */
export const listening = (service: Running): Promise<string> =>
  eventually(() => {
    const url = /"url":"(http:[^"]+)","msg":"listening"/.exec(service.output())?.[1]
    if (!url) throw new Error(`It does not listen:\n${service.output()}`)
    return url
  })
