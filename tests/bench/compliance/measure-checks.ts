import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type EmbeddedDatabase, startDatabase } from '../../../db/embedded.ts'
import { migrate } from '../../../db/migrate.ts'
import type { Services } from '../../../server/services.ts'
import type { Stage } from '../bench.ts'
import { median } from '../statistics.ts'
import { numberOf } from '../table.ts'
import { asking, type CheckRound, checkEach, checkFor, factsOf } from './checks.ts'
import { makeListedApp } from './listed-app.ts'
import { payersOf, recipientsOf } from './people.ts'

/** With few entries and with many, remembered and not. */
const contestants = ['cached', 'manyCached', 'uncached', 'manyUncached'] as const
type Round = Record<(typeof contestants)[number], CheckRound>

/**
 * Checks of two apps in turn. Each has a database of its own, in one PostgreSQL that is there for them alone.
 *
 * @param servicesOn builds the services on a database
 */
export async function measureChecks({ options, say }: Stage, servicesOn: (databaseUrl: string) => Services) {
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), `provider-service-bench-${process.pid}-`))
  stack.defer(() => rm(directory, { recursive: true, force: true }))
  const server = stack.use(await startDatabase({ directory, durable: true }))
  const atOnce = options.atOnce!
  const people = { payers: payersOf(options.people!), recipients: recipientsOf(options.people!) }

  const askingIn = async (name: string, entries: number) => {
    const began = performance.now()
    const { url, settle } = await makeDatabase(server, name)
    const services = servicesOn(url)
    stack.defer(() => services.db.destroy())
    const app = await makeListedApp(services, { entries, ...people })
    await settle()
    say(`${numberOf(entries)} entries imported and published in ${numberOf((performance.now() - began) / 1000)} s`)
    const cached = asking(factsOf(services, people.payers, true), app)
    await checkEach(atOnce, cached, people)
    return { cached, uncached: asking(factsOf(services, people.payers, false), app) }
  }
  const few = await askingIn('few', options.entries!)
  const many = await askingIn('many', options.many!)
  const asks = { cached: few.cached, manyCached: many.cached, uncached: few.uncached, manyUncached: many.uncached }

  const rounds: Round[] = []
  for (let number = 0; number <= options.rounds!; number++) {
    const round = {} as Round
    // who comes first finds the machine as the other left it: each does so every other time
    for (const one of number % 2 === 0 ? contestants : contestants.toReversed())
      round[one] = await checkFor(options.seconds!, atOnce, asks[one], people)
    // the first warms up
    if (number > 0) rounds.push(round)
    for (const one of contestants) say(`round ${number}   ${one.padEnd(12)} ${lineOf(round[one])}`)
  }
  const middle = (of: (round: Round) => number) => median(rounds.map(of))
  const all = rounds.flatMap((round) => Object.values(round))
  return {
    cachedRate: middle(({ cached }) => cached.rate),
    cachedP50: middle(({ cached }) => cached.p50),
    cachedP99: middle(({ cached }) => cached.p99),
    cachedCpu: middle(({ cached }) => cached.cpu),
    uncachedRate: middle(({ uncached }) => uncached.rate),
    uncachedP99: middle(({ uncached }) => uncached.p99),
    uncachedCpu: middle(({ uncached }) => uncached.cpu),
    manyCachedRate: middle(({ manyCached }) => manyCached.rate),
    // of each round by itself: what else the machine does comes and goes, and slows neighbours alike
    manyCachedRatio: middle(({ cached, manyCached }) => manyCached.rate / cached.rate),
    manyUncachedRate: middle(({ manyUncached }) => manyUncached.rate),
    manyUncachedRatio: middle(({ uncached, manyUncached }) => manyUncached.rate / uncached.rate),
    checks: all.reduce((sum, { checks }) => sum + checks, 0),
    wrong: all.reduce((sum, { wrong }) => sum + wrong, 0),
  }
}

const lineOf = ({ rate, p50, p99 }: CheckRound): string =>
  `${numberOf(rate).padStart(6)} /s  p50 ${numberOf(p50).padStart(5)} ms  p99 ${numberOf(p99).padStart(5)} ms`

/** A migrated, empty database; and what has PostgreSQL do at once what it would do in the middle of a round. */
async function makeDatabase({ adminUrl, ownerUrl, applicationUrl }: EmbeddedDatabase, name: string) {
  const at = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href
  await asAdmin(adminUrl, `create database ${name} owner ${new URL(ownerUrl).username}`)
  await migrate(at(ownerUrl), { applicationRole: new URL(applicationUrl).username })
  const settle = async () => {
    for (const statement of ['vacuum (analyze)', 'checkpoint']) await asAdmin(at(adminUrl), statement)
  }
  return { url: at(applicationUrl), settle }
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
