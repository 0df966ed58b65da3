import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Sandbox } from './sandbox.ts'
import { FUJI } from './sandbox.ts'
import type { Seed } from './seed.ts'

/** Where the app is, installed and built. */
export const payerTiger = fileURLToPath(new URL('../examples/payer-tiger', import.meta.url))

export interface PayerTigerOptions {
  sandbox: Pick<Sandbox, 'serviceUrl' | 'chain'>
  seeded: Pick<Seed, 'appId' | 'apiKey'>
  /** Where it listens: `http://localhost:<port>` must be one of the app's origins. */
  port: number
  /** Holds what its paywalls sell. */
  contentDirectory: string
  logFile?: string
}

/** The app in a process of its own. */
export interface PayerTiger extends AsyncDisposable {
  url: string
  /** Resolves when the process has ended, however it did. */
  ended: Promise<void>
  stop(): Promise<void>
}

/** Starts the built app on the sandbox and waits until it answers. @throws Error with the end of its output when it does not */
export async function startPayerTiger(options: PayerTigerOptions): Promise<PayerTiger> {
  const { port, logFile } = options
  const next = join(payerTiger, 'node_modules', 'next', 'dist', 'bin', 'next')
  const child = spawn(process.execPath, [next, 'start', '--port', String(port), '--hostname', '127.0.0.1'], {
    cwd: payerTiger,
    env: { PATH: process.env.PATH, ...environmentOf(options) },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C reaches a whole process group: whoever started the app ends it in order
    detached: true,
  })
  const log = logFile ? createWriteStream(logFile, { flags: 'a' }) : null
  let lastOutput = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      lastOutput = (lastOutput + chunk).slice(-4_000)
      log?.write(chunk)
    })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  void ended.then(() => log?.end())
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await ended
  }
  const url = `http://localhost:${port}`
  for (const deadline = Date.now() + 30_000; !(await answers(`http://127.0.0.1:${port}/`)); ) {
    if (!isRunning(child)) throw new Error(`The app ended before it answered:\n${lastOutput}`)
    if (Date.now() > deadline) {
      await stop()
      throw new Error(`The app did not answer within 30 s:\n${lastOutput}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { url, ended, stop, [Symbol.asyncDispose]: stop }
}

/** What the app is told of the sandbox. */
export function environmentOf({ sandbox, seeded, contentDirectory }: PayerTigerOptions): Record<string, string> {
  return {
    NEXT_TELEMETRY_DISABLED: '1',
    NODE_ENV: 'production',
    PROVIDER_URL: sandbox.serviceUrl,
    PROVIDER_APP_ID: seeded.appId,
    PROVIDER_API_KEY: seeded.apiKey,
    CHAINS: JSON.stringify([
      { id: FUJI, name: 'Fuji on this machine', coin: 'AVAX', rpcUrl: sandbox.chain.url, explorer: '/explorer' },
    ]),
    SANDBOX: '1',
    CONTENT_DIRECTORY: contentDirectory,
  }
}

const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  )
