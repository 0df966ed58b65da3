import { readFile } from 'node:fs/promises'
import { pino } from 'pino'
import { connect } from '../../../../db/connect.ts'
import { connectChain } from '../../../../server/gateways/chain/chain.ts'
import { createLocalSigner } from '../../../../server/gateways/local-signer/create-local-signer.ts'
import { keyFromPrivateKey } from '../../../../server/gateways/local-signer/signing-key.ts'
import { type Call, ProviderError, type Submission } from '../../../../server/gateways/wallet-provider.ts'
import { startLaneKeeper } from '../../../../server/workers/lane-keeper.ts'

// A process of its own that submits everything it is given, again and again until each has a nonce, looks after the lane, and ends when
// all of it has come to its end. It may be killed at any moment, and others do the same at the same time.

export interface SendPlan {
  databaseUrl: string
  rpcUrl: string
  chainId: number
  privateKey: string
  inFlight: number
  submissions: (Omit<Submission, 'calls'> & { calls: (Omit<Call, 'value'> & { value: string })[] })[]
}

const plan = JSON.parse(await readFile(process.argv[2]!, 'utf8')) as SendPlan
const { chainId } = plan
await using connection = connect(plan.databaseUrl, { maxConnections: 6 })
const chain = connectChain({ chainId, rpcUrl: plan.rpcUrl, confirmations: 1, finality: 32, entryPoints: [] })
const signer = createLocalSigner({
  db: connection.db,
  chains: [
    {
      chain,
      settings: {
        gas: { policy: 'eip1559', cap: 10n ** 12n, tip: 1n },
        inFlight: plan.inFlight,
        replaceAfterMs: 4_000,
      },
    },
  ],
  keys: { agent: keyFromPrivateKey(plan.privateKey) },
  disbelief: 20_000,
  resendAfter: 1_000,
  clock: { now: () => new Date() },
  report: (event) => {
    if (event.type === 'halted' || event.type === 'withdrawn') console.log(JSON.stringify(event))
  },
})
const lane = signer.lanes[0]!
const log = pino({ level: 'silent' })
const keeper = startLaneKeeper({ db: connection.db, log, lane, interval: 100, onFailure: () => {} })

const left = plan.submissions
  .map(({ calls, ...rest }): Submission => ({ ...rest, calls: calls.map((c) => ({ ...c, value: BigInt(c.value) })) }))
  .sort(() => Math.random() - 0.5)
let failures = 0
await Promise.all(
  Array.from({ length: 32 }, async () => {
    for (let next = left.pop(); next; next = left.pop())
      for (;;) {
        try {
          const { state } = await signer.submit(next, 20_000)
          if (state === 'failed') failures++
          if (state !== 'pending') break
          await new Promise((resolve) => setTimeout(resolve, 250))
        } catch (error) {
          if (!(error instanceof ProviderError) || error.outcome === 'refused') throw error
          await new Promise((resolve) => setTimeout(resolve, error.retryAfter ?? 100))
        }
      }
  }),
)
await keeper.stop()
console.log(JSON.stringify({ failures }))
