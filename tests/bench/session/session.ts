import { defineBench } from '../bench.ts'
import { query, startLoad } from '../load/load.ts'
import type { Call } from '../load/load-process.ts'
import {
  CONNECTIONS,
  type Contestant,
  errorsIn,
  lineOf,
  type Measured,
  measure,
  type Quantity,
} from '../load/measure.ts'
import { usageOf } from '../load/usage.ts'
import { inTurns, PAGE, startSetting } from '../setting.ts'
import { median } from '../statistics.ts'
import { freshCookies, newPerson } from './people.ts'

const PEOPLE = 50
/** Calls a second with fresh cookies that are prepared for before any was measured. */
const EXPECTED_RATE = 600

type Way = 'key' | 'cookie' | 'token' | 'cold'

export const session = defineBench({
  name: 'session',
  says: 'one query (paywalls.get) by API key, by session cookie and by bearer token, through the whole stack.',
  options: {
    seconds: { says: 'length of a round', byDefault: 3 },
    rounds: { says: 'rounds of each, in turn', byDefault: 7 },
    warmup: { says: 'seconds of load for each before the rounds', byDefault: 4 },
  },
  figures: {
    keyRate: { says: 'answers a second by API key', unit: '/s' },
    cookieRate: { says: 'the same, by session cookie', unit: '/s' },
    tokenRate: { says: 'the same, by bearer token', unit: '/s' },
    coldCookieRate: { says: 'the same, by cookies that each come for the first time', unit: '/s' },
    cookieRatio: { says: 'share of the rate by key, cookie', unit: '', atLeast: 0.8 },
    tokenRatio: { says: 'share of the rate by key, token', unit: '', atLeast: 0.8, aim: true },
    keyP99: { says: '99 of 100 are answered within, by API key', unit: 'ms' },
    cookieP99: { says: 'the same, by session cookie', unit: 'ms' },
    tokenP99: { says: 'the same, by bearer token', unit: 'ms' },
    keyCpu: { says: "the service's processor time for each, by API key", unit: 'ms' },
    cookieCpu: { says: 'the same, by session cookie', unit: 'ms' },
    tokenCpu: { says: 'the same, by bearer token', unit: 'ms' },
    coldCookieCpu: { says: 'the same, by cookies that each come for the first time', unit: 'ms' },
    errors: { says: 'requests not answered with the paywall', unit: '', atMost: 0 },
  },

  async run({ options, stack, say }) {
    say(
      `${CONNECTIONS} connections, ${PEOPLE} sessions. Cookies and tokens come with the page's Origin, as browsers send them.`,
    )
    say('Workers (WORKERS=off) and rate limits (RATE_LIMITS=off) are off.\n')
    const setting = stack.use(await startSetting({ wallets: 0, paywalls: 1, environment: { WORKERS: 'off' } }))
    const { sandbox, service, apiKey, paywalls } = setting
    const people = await inTurns(PEOPLE, 8, () => newPerson(setting))
    const [paywall] = paywalls
    const load = startLoad(stack)
    const asked = (calls: Call[]): Contestant => ({
      round: {
        port: Number(new URL(service.url).port),
        path: query('paywalls.get', { paywallId: paywall!.id }),
        headers: {},
        calls,
        expected: `"id":"${paywall!.id}"`,
      },
      usage: () => usageOf(sandbox.serviceUrl),
    })
    const byKey = asked([{ headers: { authorization: `Bearer ${apiKey}` } }])
    const byCookie = asked(people.map(({ cookie }) => ({ headers: { cookie, origin: PAGE } })))
    const byToken = asked(people.map(({ token }) => ({ headers: { authorization: `Bearer ${token}`, origin: PAGE } })))
    const byFreshCookie = async (count: number) => {
      const cookies = await inTurns(PEOPLE, 1, (index) => freshCookies(people[index]!, Math.ceil(count / PEOPLE)))
      return asked(cookies.flat().map((cookie) => ({ headers: { cookie, origin: PAGE } })))
    }

    const turn = async (seconds: number, coldRate: number): Promise<Record<Way, Measured>> => {
      const cold = await byFreshCookie(coldRate * seconds)
      return {
        key: await measure(load, byKey, seconds),
        cookie: await measure(load, byCookie, seconds),
        token: await measure(load, byToken, seconds),
        cold: await measure(load, cold, null),
      }
    }
    const rounds: Record<Way, Measured>[] = []
    const warm = await turn(options.warmup!, EXPECTED_RATE)
    for (let number = 1; number <= options.rounds!; number++) {
      const one = await turn(options.seconds!, (rounds.at(-1) ?? warm).cold.rate)
      rounds.push(one)
      say(`round ${number}   key    ${lineOf(one.key)}   cookie       ${lineOf(one.cookie)}`)
      say(`          token  ${lineOf(one.token)}   fresh cookie ${lineOf(one.cold)}`)
    }

    const middle = (way: Way, figure: Quantity) => median(rounds.map((one) => one[way][figure]))
    return {
      keyRate: middle('key', 'rate'),
      cookieRate: middle('cookie', 'rate'),
      tokenRate: middle('token', 'rate'),
      coldCookieRate: middle('cold', 'rate'),
      // of each round by itself: what else the machine does comes and goes, and slows neighbours alike
      cookieRatio: median(rounds.map(({ cookie, key }) => cookie.rate / key.rate)),
      tokenRatio: median(rounds.map(({ token, key }) => token.rate / key.rate)),
      keyP99: middle('key', 'p99'),
      cookieP99: middle('cookie', 'p99'),
      tokenP99: middle('token', 'p99'),
      keyCpu: middle('key', 'cpuPerCall'),
      cookieCpu: middle('cookie', 'cpuPerCall'),
      tokenCpu: middle('token', 'cpuPerCall'),
      coldCookieCpu: middle('cold', 'cpuPerCall'),
      errors: errorsIn(
        [warm, ...rounds].flatMap((one) => Object.values(one)),
        say,
      ),
    }
  },
})
