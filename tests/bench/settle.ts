import { type Client, pay } from '../../client-sdk/index.ts'
import { defineBench } from './bench.ts'
import { startSetting } from './setting.ts'
import { quantile } from './statistics.ts'
import { numberOf } from './table.ts'

const PAYMENTS = 100
const BLOCK_TIME = 1
const FEW = 10

interface Settled {
  /** Seconds from the call until the SDK's `pay` resolved. */
  seen: number
  /** Seconds between the payment's `createdAt` and `settledAt`. */
  settled: number
}

export const settle = defineBench({
  name: 'settle',
  says: 'from created to settled on a chain with a block a second: 100 payments at once, of 100 wallets and then of 10.',
  options: {},
  figures: {
    manySettled: { says: `of ${PAYMENTS} payments on ${PAYMENTS} wallets, settled`, unit: '', atLeast: PAYMENTS },
    manyP50: { says: 'half are settled within', unit: 's' },
    manyP99: { says: '99 of 100 are settled within', unit: 's', atMost: 6 },
    manySeenP50: { says: 'half are known to the client within', unit: 's' },
    manySeenP99: { says: '99 of 100 are known to the client within', unit: 's', atMost: 6 },
    fewSettled: {
      says: `of ${PAYMENTS} payments on ${FEW} wallets, one in flight each, settled`,
      unit: '',
      atLeast: PAYMENTS,
    },
    fewP50: { says: 'half are settled within', unit: 's' },
    fewSeenP50: { says: 'half are known to the client within', unit: 's' },
    fewAll: { says: 'all are known to the client within', unit: 's', atMost: 30 },
  },

  async run({ stack, say }) {
    say(`A block every ${BLOCK_TIME} s, fsync on. The client is the SDK's pay(), which asks again while it waits.`)
    say("Rate limits are off on both sides: Crossmint's own 120 writes a minute would be the only thing measured.\n")
    const setting = stack.use(
      await startSetting({ wallets: PAYMENTS + FEW, paywalls: PAYMENTS / FEW, blockTime: BLOCK_TIME }),
    )
    const { client, wallets, paywalls } = setting
    const many = await payAll(
      client,
      wallets.slice(0, PAYMENTS).map(({ id: walletId }) => ({ walletId, paywallId: paywalls[0]!.id })),
      say,
    )
    const few = await payAll(
      client,
      wallets
        .slice(PAYMENTS)
        .flatMap(({ id: walletId }) => paywalls.map(({ id: paywallId }) => ({ walletId, paywallId }))),
      say,
    )
    const seen = (sample: Settled[], share: number) =>
      quantile(
        sample.map((one) => one.seen),
        share,
      )
    const settled = (sample: Settled[], share: number) =>
      quantile(
        sample.map((one) => one.settled),
        share,
      )
    return {
      manySettled: many.length,
      manyP50: settled(many, 0.5),
      manyP99: settled(many, 0.99),
      manySeenP50: seen(many, 0.5),
      manySeenP99: seen(many, 0.99),
      fewSettled: few.length,
      fewP50: settled(few, 0.5),
      fewSeenP50: seen(few, 0.5),
      fewAll: seen(few, 1),
    }
  },
})

/** Makes all payments at once and answers with those that settled. */
async function payAll(
  client: Client,
  intentions: { walletId: string; paywallId: string }[],
  say: (line: string) => void,
): Promise<Settled[]> {
  const began = performance.now()
  const outcomes = await Promise.allSettled(
    intentions.map(async (intention): Promise<Settled> => {
      const payment = await pay(client, { ...intention, signal: AbortSignal.timeout(120_000) })
      return {
        seen: (performance.now() - began) / 1000,
        settled: (payment.settledAt!.getTime() - payment.createdAt.getTime()) / 1000,
      }
    }),
  )
  const wallets = new Set(intentions.map(({ walletId }) => walletId)).size
  const settled = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  say(
    `${intentions.length} payments on ${wallets} wallets: ${settled.length} settled in ${numberOf((performance.now() - began) / 1000)} s`,
  )
  for (const outcome of outcomes) if (outcome.status === 'rejected') say(`  ${outcome.reason}`)
  return settled
}
