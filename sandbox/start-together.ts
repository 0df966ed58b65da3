import { join } from 'node:path'
import { type Sandbox, type SandboxOptions, startSandbox } from './sandbox.ts'
import { type Seed, seed } from './seed.ts'
import { type Service, startService } from './service.ts'

/** A sandbox with the service on it, and what {@link seed} put there. */
export interface Together {
  sandbox: Sandbox
  service: Service
  seeded: Seed
  /** Of the service. */
  logFile: string
}

export interface TogetherOptions extends Pick<SandboxOptions, 'directory' | 'servicePort'> {
  /** Of the service, beside what the sandbox says. */
  environment?: Record<string, string>
}

/** Brings up a sandbox that remembers, then the service, and seeds it. All of it ends with `stack`. */
export async function startTogether(
  stack: AsyncDisposableStack,
  { directory, servicePort, environment = {} }: TogetherOptions,
): Promise<Together> {
  const sandbox = stack.use(
    await startSandbox({
      directory,
      keep: true,
      durable: true,
      blockTime: 1,
      ...(servicePort !== undefined && { servicePort }),
      ...(process.env.DATABASE_URL && { databaseUrl: process.env.DATABASE_URL }),
      ...(process.env.EVERGREEN_CHAIN_ID && { evergreenId: Number(process.env.EVERGREEN_CHAIN_ID) }),
    }),
  )
  const logFile = join(directory, 'service.log')
  const service = stack.use(await startService({ ...sandbox.environment, ...environment }, logFile))
  return { sandbox, service, seeded: await seed(sandbox, directory), logFile }
}

/** The signal with which somebody ends this process, once they do. */
export const interruption = (): Promise<string> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(signal))
  })

/** Says why everything ends, and makes the exit code 1 unless somebody asked for it. */
export function tellEnd(ended: string): void {
  console.log(`\n${ended}: stopping …`)
  if (!ended.startsWith('SIG')) process.exitCode = 1
}
