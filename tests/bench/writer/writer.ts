import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Hex, numberToHex } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { connect } from '../../../db/connect.ts'
import { startDatabase } from '../../../db/embedded.ts'
import { migrate } from '../../../db/migrate.ts'
import { atomically, reading } from '../../../db/transaction.ts'
import { resultOf, rpc, rpcBatch } from '../../../sandbox/chain/rpc.ts'
import { startChain } from '../../../sandbox/chain/start-chain.ts'
import type { RpcFault } from '../../../sandbox/rpc-proxy/faults.ts'
import { startRpcProxy } from '../../../sandbox/rpc-proxy/start-rpc-proxy.ts'
import { defineBench, type Stage } from '../bench.ts'
import { quantile, seededRandom } from '../statistics.ts'
import { numberOf } from '../table.ts'
import type { WriterPlan } from './writer-process.ts'

const PER_SECOND = 100
const CHAIN_ID = 99_372
/** Seconds that a leg may take after its last send was due. */
const PATIENCE = 60
const KILLS = 3

/** A fifth of what is sent meets one of these; those of whole requests are rarer for each call, since a request holds many. */
const faults: [fault: RpcFault, share: number][] = [
  ['lost', 0.002],
  ['limited', 0.002],
  ['hang', 0.0005],
  ['dropped', 0.05],
  ['already-known', 0.03],
  ['nonce-too-low', 0.04],
  ['nonce-too-high', 0.04],
  ['underpriced', 0.04],
]

interface Leg {
  name: string
  seconds: number
  plan: (call: { method: string }) => RpcFault | null
  kills: number
}

interface Outcome {
  mined: number
  /** Sends that the chain shows more than once, or with a nonce out of order. */
  wrong: number
  /** Seconds between due and known to be mined. */
  p50: number
  p99: number
  /** Seconds between the last one due and the last one mined. */
  tail: number
}

export const writer = defineBench({
  name: 'writer',
  says: 'one key of the local signer on a chain with a block a second, 100 transactions a second: calm, with faults, with kills.',
  options: {
    seconds: { says: 'that each of the three parts lasts', byDefault: 60 },
    seed: { says: 'repeats the faults', byDefault: 1 },
  },
  figures: {
    calmMissing: { says: 'calm: sends that are not mined exactly once and in order', unit: '', atMost: 0 },
    calmP50: { says: 'calm: half are mined within', unit: 's' },
    calmP99: { says: 'calm: 99 of 100 are mined within', unit: 's', atMost: 3 },
    faultsMissing: {
      says: 'a fifth meets a fault: sends that are not mined exactly once and in order',
      unit: '',
      atMost: 0,
    },
    faultsP99: { says: 'a fifth meets a fault: 99 of 100 are mined within', unit: 's' },
    faultsTail: {
      says: 'a fifth meets a fault: the last is mined after the last was due by',
      unit: 's',
      atMost: PATIENCE,
    },
    killsMissing: {
      says: `and ${KILLS} kills: sends that are not mined exactly once and in order`,
      unit: '',
      atMost: 0,
    },
    killsTail: { says: `and ${KILLS} kills: the last is mined after the last was due by`, unit: 's', atMost: PATIENCE },
  },

  async run(stage) {
    const { seconds, seed } = stage.options as { seconds: number; seed: number }
    const random = seededRandom(seed)
    const disturbed = ({ method }: { method: string }): RpcFault | null => {
      if (method !== 'eth_sendRawTransaction') return null
      let at = random()
      for (const [fault, share] of faults) {
        at -= share
        if (at < 0) return fault
      }
      return null
    }
    const calm = await runLeg(stage, { name: 'calm', seconds, plan: () => null, kills: 0 })
    const faulty = await runLeg(stage, { name: 'faults', seconds, plan: disturbed, kills: 0 })
    const killed = await runLeg(stage, { name: 'kills', seconds, plan: disturbed, kills: KILLS })
    const missing = ({ mined, wrong }: Outcome) => seconds * PER_SECOND - mined + wrong
    return {
      calmMissing: missing(calm),
      calmP50: calm.p50,
      calmP99: calm.p99,
      faultsMissing: missing(faulty),
      faultsP99: faulty.p99,
      faultsTail: faulty.tail,
      killsMissing: missing(killed),
      killsTail: killed.tail,
    }
  },
})

async function runLeg({ stack: whole, say }: Stage, { name, seconds, plan, kills }: Leg): Promise<Outcome> {
  const stack = whole.use(new AsyncDisposableStack())
  const directory = await mkdtemp(join(tmpdir(), 'provider-service-writer-'))
  stack.defer(() => rm(directory, { recursive: true, force: true }))
  const [database, chain] = await Promise.all([
    startDatabase({ directory: join(directory, 'postgres'), durable: true }).then((started) => stack.use(started)),
    startChain({ chainId: CHAIN_ID, blockTime: 1 }).then((started) => stack.use(started)),
  ])
  await migrate(database.ownerUrl, { applicationRole: 'provider_app' })
  const { db } = stack.use(connect(database.applicationUrl, { maxConnections: 2 }))
  const proxy = stack.use(await startRpcProxy(chain.url, { plan }))
  const privateKey = generatePrivateKey()
  const address = privateKeyToAddress(privateKey)
  await rpc(chain.url, 'anvil_setBalance', [address, numberToHex(10n ** 24n)])

  const given: WriterPlan = {
    databaseUrl: database.applicationUrl,
    rpcUrl: proxy.url,
    chainId: CHAIN_ID,
    privateKey,
    start: Date.now() + 4_000,
    every: 1_000 / PER_SECOND,
    sends: Array.from({ length: seconds * PER_SECOND }, () => ({
      id: randomUUID(),
      to: `0x${randomBytes(20).toString('hex')}` as const,
    })),
  }
  const file = join(directory, 'plan.json')
  await writeFile(file, JSON.stringify(given))
  let process = startWriter(file, say)
  stack.defer(() => void process.kill('SIGKILL'))

  const lastDue = given.start + seconds * 1_000
  const deadline = lastDue + PATIENCE * 1_000
  let killed = 0
  let open = given.sends.length
  while (open > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 250))
    if (killed < kills && Date.now() > given.start + ((killed + 0.5) / kills) * seconds * 1_000) {
      killed++
      process.kill('SIGKILL')
      await once(process, 'exit')
      process = startWriter(file, say)
    }
    const { mined } = await atomically(
      db,
      (one) =>
        one
          .selectFrom('signer_send')
          .where('state', '=', 'mined')
          .select(({ fn }) => fn.countAll<bigint>().as('mined'))
          .executeTakeFirstOrThrow(),
      reading,
    )
    open = given.sends.length - Number(mined)
  }
  const rows = await atomically(
    db,
    (one) => one.selectFrom('signer_send').select(['id', 'settled_at']).where('state', '=', 'mined').execute(),
    reading,
  )
  const settledAt = new Map(rows.map(({ id, settled_at }) => [id, settled_at!.getTime()]))
  const waits = given.sends.flatMap(({ id }, index) => {
    const at = settledAt.get(id)
    return at === undefined ? [] : [(at - (given.start + index * given.every)) / 1_000]
  })
  const last = Math.max(...settledAt.values())
  const shown = await readChain(chain.url, address)
  const intended = new Set<string>(given.sends.map(({ to }) => to))
  const outcome = {
    mined: new Set(shown.map(({ to }) => to).filter((to) => intended.has(to))).size,
    wrong: shown.filter(({ nonce }, index) => nonce !== index).length + Math.max(0, shown.length - given.sends.length),
    p50: quantile(waits, 0.5),
    p99: quantile(waits, 0.99),
    tail: (last - lastDue) / 1_000,
  }
  say(
    `${name}: ${outcome.mined} of ${given.sends.length} mined, half within ${numberOf(outcome.p50)} s, 99 of 100 within ${numberOf(outcome.p99)} s; faults ${JSON.stringify(proxy.injected)}, ${killed} kills`,
  )
  process.kill('SIGTERM')
  await stack.disposeAsync()
  return outcome
}

/** What the chain shows of the key, by its blocks alone and in their order. */
async function readChain(url: string, address: string): Promise<{ to: string; nonce: number }[]> {
  const head = Number(await rpc<Hex>(url, 'eth_blockNumber'))
  const numbers = Array.from({ length: head + 1 }, (_, block) => numberToHex(block))
  const blocks = await rpcBatch(
    url,
    numbers.map((block) => ({ method: 'eth_getBlockByNumber', params: [block, true] })),
  )
  return blocks
    .flatMap((block) => resultOf<{ transactions: { from: Hex; to: Hex; nonce: Hex }[] }>(block).transactions)
    .filter(({ from }) => from.toLowerCase() === address.toLowerCase())
    .map(({ to, nonce }) => ({ to: to.toLowerCase(), nonce: Number(nonce) }))
}

const script = fileURLToPath(new URL('./writer-process.ts', import.meta.url))

function startWriter(file: string, say: (line: string) => void): ChildProcess {
  const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout!.on('data', (chunk) => say(String(chunk).trim()))
  return child
}
