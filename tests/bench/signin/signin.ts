import { signatureBackend } from '../../../server/gateways/chain/recover-signer.ts'
import { defineBench } from '../bench.ts'
import { startLoad } from '../load/load.ts'
import { CONNECTIONS, errorsIn, lineOf, type Measured, measure, type Quantity } from '../load/measure.ts'
import { paymentCalls } from '../payments/payment-calls.ts'
import { countRows } from '../rows.ts'
import { startSetting } from '../setting.ts'
import { median } from '../statistics.ts'
import { numberOf } from '../table.ts'
import { newAccounts, prepareSignIns } from './sign-ins.ts'
import { verifyRates } from './verify-rates.ts'

const ACCOUNTS = 1_000
const WALLETS = 100
const PAYWALLS = 5
/** Seconds that the signature check is measured for. */
const CHECKS = 3
/** Sign-ins a second that are prepared for before any was measured. */
const EXPECTED_RATE = 600

export const signin = defineBench({
  name: 'signin',
  says: 'auth.verify over HTTP through the whole stack, beside payments.create; and the signature check beside viem.',
  options: {
    seconds: { says: 'length of a round', byDefault: 4 },
    rounds: { says: 'rounds of each, payments and sign-ins in turn', byDefault: 5 },
    warmup: { says: 'seconds of load for each before the rounds', byDefault: 5 },
  },
  figures: {
    rate: { says: 'sign-ins accepted a second (auth.verify)', unit: '/s' },
    paymentRate: { says: 'payments accepted a second', unit: '/s' },
    rateRatio: { says: 'sign-ins for each payment', unit: '', atLeast: 0.5 },
    p50: { says: 'half of the sign-ins are answered within', unit: 'ms' },
    paymentP50: { says: 'the same, payments', unit: 'ms' },
    p99: { says: '99 of 100 sign-ins are answered within', unit: 'ms' },
    paymentP99: { says: 'the same, payments', unit: 'ms' },
    cpuPerSignIn: { says: "the service's processor time for each sign-in", unit: 'ms' },
    cpuPerPayment: { says: 'the same, payments', unit: 'ms' },
    firstRate: { says: 'sign-ins a second of people never seen before', unit: '/s' },
    firstRetries: { says: 'transactions the database had run again, for 100 of these', unit: '' },
    challengeRate: { says: 'challenges given a second (auth.challenge)', unit: '/s' },
    cpuPerChallenge: { says: "the service's processor time for each challenge", unit: 'ms' },
    checkRate: { says: 'signatures checked a second by one core', unit: '/s' },
    viemCheckRate: { says: "the same, viem's verifyMessage", unit: '/s' },
    checkRatio: { says: 'times viem', unit: '', atLeast: 3 },
    nativeCheck: { says: 'whether libsecp256k1 checked them', unit: '', atLeast: 1 },
    errors: { says: 'requests not accepted', unit: '', atMost: 0 },
    accepted: { says: 'sign-ins accepted in the whole run', unit: '' },
    unaccounted: {
      says: 'accepted sign-ins without their session, leaf and event, or the reverse',
      unit: '',
      atMost: 0,
    },
  },

  async run({ options, stack, say }) {
    say(
      `${CONNECTIONS} connections, fsync on. ${numberOf(ACCOUNTS)} people with plain keys, who were here before and whose browsers`,
    )
    say(
      `hold no session, sign in again and again; ${WALLETS} wallets pay ${PAYWALLS} paywalls. Challenges are made and signed`,
    )
    say(
      'before each round, and each is answered once. Workers (WORKERS=off) and rate limits (RATE_LIMITS=off) are off.\n',
    )
    const setting = stack.use(
      await startSetting({ wallets: WALLETS, paywalls: PAYWALLS, environment: { WORKERS: 'off' } }),
    )
    const checks = await verifyRates(CHECKS)
    say(`signature check   ${numberOf(checks.ours)} /s   viem ${numberOf(checks.viem)} /s\n`)

    const load = startLoad(stack)
    const accounts = newAccounts(ACCOUNTS)
    const payments = paymentCalls(setting)
    const prepare = (count: number) => prepareSignIns(load, setting, accounts, count)
    const first = await prepare(ACCOUNTS)
    const introduced = await measure(load, first.signIns, null)
    say(`first sign-ins   ${lineOf(introduced)}\n`)

    const warmChallenges = await prepare(Math.ceil(EXPECTED_RATE * options.warmup!))
    const warm = [await measure(load, payments, options.warmup!), await measure(load, warmChallenges.signIns, null)]
    const rounds: Record<'challenges' | 'payments' | 'signIns', Measured>[] = []
    let rate = warm[1]!.rate
    for (let number = 1; number <= options.rounds!; number++) {
      const { challenges, signIns } = await prepare(Math.ceil(rate * options.seconds!))
      const one = {
        challenges,
        payments: await measure(load, payments, options.seconds!),
        signIns: await measure(load, signIns, null),
      }
      rate = one.signIns.rate
      rounds.push(one)
      say(`round ${number}   payments ${lineOf(one.payments)}   sign-ins ${lineOf(one.signIns)}`)
    }

    const allSignIns = [introduced, warm[1]!, ...rounds.map(({ signIns }) => signIns)]
    const accepted = allSignIns.reduce((sum, one) => sum + one.accepted, 0)
    const all = [
      ...allSignIns,
      ...[warm[0]!, first.challenges, warmChallenges.challenges],
      ...rounds.flatMap(({ challenges, payments }) => [challenges, payments]),
    ]
    const sessions = await countRows(
      setting,
      `session s
        join audit a on a.stream = s.id and a.hash = s.audit_head
        join event e on e.object_id = s.id`,
    )
    const middle = (what: keyof (typeof rounds)[number], figure: Quantity) =>
      median(rounds.map((one) => one[what][figure]))
    return {
      rate: middle('signIns', 'rate'),
      paymentRate: middle('payments', 'rate'),
      // of each round by itself: what else the machine does comes and goes, and slows neighbours alike
      rateRatio: median(rounds.map(({ signIns, payments }) => signIns.rate / payments.rate)),
      p50: middle('signIns', 'p50'),
      paymentP50: middle('payments', 'p50'),
      p99: middle('signIns', 'p99'),
      paymentP99: middle('payments', 'p99'),
      cpuPerSignIn: middle('signIns', 'cpuPerCall'),
      cpuPerPayment: middle('payments', 'cpuPerCall'),
      firstRate: introduced.rate,
      firstRetries: introduced.retries,
      challengeRate: middle('challenges', 'rate'),
      cpuPerChallenge: middle('challenges', 'cpuPerCall'),
      checkRate: checks.ours,
      viemCheckRate: checks.viem,
      checkRatio: checks.ours / checks.viem,
      nativeCheck: signatureBackend === 'native' ? 1 : 0,
      errors: errorsIn(all, say),
      accepted,
      unaccounted: Math.abs(accepted - sessions),
    }
  },
})
