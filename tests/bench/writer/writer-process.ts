import { readFile } from 'node:fs/promises'
import { pino } from 'pino'
import { connect } from '../../../db/connect.ts'
import { connectChain } from '../../../server/gateways/chain/chain.ts'
import { createLocalSigner } from '../../../server/gateways/local-signer/create-local-signer.ts'
import { keyFromPrivateKey } from '../../../server/gateways/local-signer/signing-key.ts'
import { ProviderError, type Submission } from '../../../server/gateways/wallet-provider.ts'
import { startLaneKeeper } from '../../../server/workers/lane-keeper.ts'

// A process of its own that submits each send when it is due, and looks after the lane until it is told to end. Started anew after a
// kill it begins at the first one: what has its nonce is known by its id.

export interface WriterPlan {
  databaseUrl: string
  rpcUrl: string
  chainId: number
  privateKey: string
  /** In milliseconds since 1970, of the first; the others follow `every` milliseconds after each other. */
  start: number
  every: number
  sends: { id: string; to: `0x${string}` }[]
}

const plan = JSON.parse(await readFile(process.argv[2]!, 'utf8')) as WriterPlan
const { chainId } = plan
const key = keyFromPrivateKey(plan.privateKey)
await using connection = connect(plan.databaseUrl, { maxConnections: 10 })
const signer = createLocalSigner({
  db: connection.db,
  chains: [
    {
      chain: connectChain({ chainId, rpcUrl: plan.rpcUrl, confirmations: 1, finality: 32, entryPoints: [] }),
      settings: { gas: { policy: 'eip1559', cap: 10n ** 12n, tip: 1n }, inFlight: 400, replaceAfterMs: 10_000 },
    },
  ],
  keys: { writer: key },
  disbelief: 30_000,
  clock: { now: () => new Date() },
  report: (event) => {
    if (event.type === 'halted' || event.type === 'withdrawn')
      console.log(
        `${event.type}: ${JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? `${value}` : value))}`,
      )
  },
})
const keeper = startLaneKeeper({
  db: connection.db,
  log: pino({ level: 'silent' }),
  lane: signer.lanes[0]!,
  interval: 200,
  onFailure: () => {},
})

async function submitInTime(index: number): Promise<void> {
  const { id, to } = plan.sends[index]!
  const due = plan.start + index * plan.every
  if (due > Date.now()) await new Promise((resolve) => setTimeout(resolve, due - Date.now()))
  const calls = [{ to, value: 1n, data: '0x' as const }]
  const submission: Submission = { idempotencyKey: id, wallet: key.address, chainId, calls }
  for (;;) {
    try {
      await signer.submit(submission)
      return
    } catch (error) {
      if (!(error instanceof ProviderError) || error.outcome === 'refused') throw error
      await new Promise((resolve) => setTimeout(resolve, error.retryAfter ?? 200))
    }
  }
}

const ending = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()))
await Promise.all(plan.sends.map((_, index) => submitInTime(index)))
await ending
await keeper.stop()
