import type { Services } from '../../../server/services.ts'
import type { Stage } from '../bench.ts'
import { startLoad } from '../load/load.ts'
import { errorsIn, lineOf, type Measured, measure } from '../load/measure.ts'
import { paymentCalls } from '../payments/payment-calls.ts'
import type { Setting } from '../setting.ts'
import { median } from '../statistics.ts'
import { limitsOf } from './policy.ts'
import { putInForce } from './put-in-force.ts'

/** More than are ever paid: what is measured is counting, not refusing. */
const PLENTY = { wallet: 1_000_000, app: 1_000_000 }

interface Round {
  free: Measured
  limited: Measured
}

/** Payments of one app over HTTP, whose policy asks nothing and limits count and sum of each wallet and of the app, in turn. */
export async function measureLimits({ options, stack, say }: Stage, setting: Setting, services: Services) {
  const { appId, paywalls } = setting
  const load = startLoad(stack)
  const calls = paymentCalls(setting)
  const limits = limitsOf(paywalls[0]!.assetId, PLENTY)
  const play = async (kind: keyof Round, seconds: number) => {
    await putInForce(services, appId, kind === 'limited' ? limits : [])
    return measure(load, calls, seconds)
  }
  const warm = [await play('free', options.warmup!), await play('limited', options.warmup!)]
  const rounds: Round[] = []
  for (let number = 1; number <= options.payRounds!; number++) {
    const seconds = options.paySeconds!
    const round =
      number % 2 === 1
        ? { free: await play('free', seconds), limited: await play('limited', seconds) }
        : { limited: await play('limited', seconds), free: await play('free', seconds) }
    rounds.push(round)
    say(`round ${number}   without ${lineOf(round.free)}   limits ${lineOf(round.limited)}`)
  }
  const middle = (of: (round: Round) => number) => median(rounds.map(of))
  const counted = [warm[1]!, ...rounds.map(({ limited }) => limited)].reduce((sum, { accepted }) => sum + accepted, 0)
  return {
    limitedRate: middle(({ limited }) => limited.rate),
    freeRate: middle(({ free }) => free.rate),
    limitedRatio: middle(({ limited, free }) => limited.rate / free.rate),
    limitedP99: middle(({ limited }) => limited.p99),
    freeP99: middle(({ free }) => free.p99),
    limitedCpu: middle(({ limited }) => limited.cpuPerCall),
    freeCpu: middle(({ free }) => free.cpuPerCall),
    errors: errorsIn([...warm, ...rounds.flatMap(({ free, limited }) => [free, limited])], say),
    miscounted: await miscounted(services, appId, counted),
  }
}

/** How far the meter of the app and those of its wallets, together, are from what was accepted while they counted. */
async function miscounted({ db }: Services, appId: string, accepted: number): Promise<number> {
  const meters = await db.selectFrom('meter').select(['key', 'buckets']).where('app_id', '=', appId).execute()
  const countOf = (rows: typeof meters) =>
    rows.flatMap(({ buckets }) => buckets).reduce((sum, [, count]) => sum + count, 0)
  const [ofApp, ofWallets] = [true, false].map((isApp) =>
    countOf(meters.filter(({ key }) => key.startsWith('app ') === isApp)),
  )
  return Math.abs(ofApp! - accepted) + Math.abs(ofWallets! - accepted)
}
