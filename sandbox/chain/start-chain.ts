import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { anvilBinary } from './anvil-binary.ts'
import { readPidFile } from './pid-file.ts'
import { rpc } from './rpc.ts'
import { lastWords, restoreState, saveRegularly } from './state-file.ts'

export interface ChainOptions {
  chainId: number
  /** A free one by default. */
  port?: number
  /** Seconds between blocks. Without it every transaction is mined at once, in a block of its own. */
  blockTime?: number
  /** Keeps the chain over restarts: loaded when it exists, written every few seconds and when the chain stops. */
  stateFile?: string
  /**
   * Remembers the running chain, so that a later start takes over the one that a killed process left behind instead of
   * losing what it holds or fighting for its port.
   */
  pidFile?: string
}

export interface Chain extends AsyncDisposable {
  /** JSON-RPC over HTTP, and over WebSocket with `ws:` in place of `http:`. */
  url: string
  chainId: number
  processId: number
  /** Writes the state file now. Does nothing without one. */
  save(): Promise<void>
  /** Ends the process, saving its state first where it has a state file. */
  stop(): Promise<void>
}

/** Starts a local chain (anvil) on the loopback interface and resolves once it answers. */
export async function startChain(options: ChainOptions): Promise<Chain> {
  const { port, processId, child } = (await takeOver(options)) ?? (await launch(options))
  if (options.pidFile) await writeFile(options.pidFile, `${JSON.stringify({ processId, port })}\n`)

  const url = `http://127.0.0.1:${port}`
  const saver = options.stateFile ? saveRegularly(url, options.stateFile) : null
  let stopped: Promise<void> | undefined
  async function shutDown() {
    await saver?.stop()
    await end(processId, child)
    if (options.pidFile) await rm(options.pidFile, { force: true })
  }
  const stop = () => {
    stopped ??= shutDown()
    return stopped
  }
  const save = async () => saver?.save()
  return { url, chainId: options.chainId, processId, save, stop, [Symbol.asyncDispose]: stop }
}

interface Launched {
  port: number
  processId: number
  child: ChildProcess | null
}

async function takeOver(options: ChainOptions): Promise<Launched | null> {
  const left = options.pidFile ? await readPidFile(options.pidFile, options.chainId) : null
  if (!left) return null
  const url = `http://127.0.0.1:${left.port}`
  if (options.port !== undefined && options.port !== left.port) {
    await end(left.processId, null)
    return null
  }
  if (options.blockTime) await rpc(url, 'evm_setIntervalMining', [options.blockTime])
  else await rpc(url, 'evm_setAutomine', [true])
  return { ...left, child: null }
}

async function launch(options: ChainOptions, attempts = 3): Promise<Launched> {
  const port = await freePort(options.port)
  const loaded = options.stateFile ? await restoreState(options.stateFile) : false
  const child = spawn(
    anvilBinary(),
    [
      ...['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(options.chainId)],
      // blocks hold hundreds of sponsored operations; transactions are mined in the order they came
      ...['--gas-limit', '200000000', '--order', 'fifo', '--quiet'],
      ...(options.blockTime ? ['--block-time', String(options.blockTime)] : []),
      ...(loaded && options.stateFile ? ['--load-state', options.stateFile] : []),
      ...(options.stateFile ? ['--dump-state', lastWords(options.stateFile)] : []),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let complaint = ''
  child.stderr?.on('data', (chunk) => {
    complaint = (complaint + chunk).slice(-2_000)
  })
  const url = `http://127.0.0.1:${port}`
  dieWithUs(child)
  const failed = once(child, 'exit').then(() => false)
  if (await Promise.race([answers(url, options.chainId), failed])) {
    child.unref()
    child.stderr?.destroy()
    return { port, processId: child.pid!, child }
  }
  child.kill('SIGKILL')
  // somebody may have taken the free port between our look and anvil's
  if (options.port === undefined && attempts > 1) return launch(options, attempts - 1)
  throw new Error(`anvil did not start on port ${port}: ${complaint.trim() || 'no reason given'}`)
}

const running = new Set<ChildProcess>()

/** When this process ends without stopping its chains, they end too, and write their state themselves. */
function dieWithUs(child: ChildProcess) {
  if (running.size === 0) process.once('exit', endAll)
  running.add(child)
  child.once('exit', () => {
    running.delete(child)
    if (running.size === 0) process.removeListener('exit', endAll)
  })
}

function endAll() {
  for (const each of running) each.kill('SIGTERM')
}

async function answers(url: string, chainId: number): Promise<boolean> {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; ) {
    const id = await rpc<string>(url, 'eth_chainId').catch(() => null)
    if (id !== null) return Number(id) === chainId
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return false
}

/**
 * A free port, or `wanted` if it is free. Anvil itself does not tell: two of them share a port without complaint, and each
 * request reaches one or the other.
 */
async function freePort(wanted = 0): Promise<number> {
  const server = createServer().listen(wanted, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new Error(`Port ${wanted} for the chain is taken`, { cause })
  }
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

async function end(processId: number, child: ChildProcess | null): Promise<void> {
  if (!isRunning(processId)) return
  process.kill(processId, 'SIGTERM')
  for (const deadline = Date.now() + 15_000; isRunning(processId); ) {
    if (child && (child.exitCode !== null || child.signalCode !== null)) return
    if (Date.now() > deadline) process.kill(processId, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch {
    return false
  }
}
