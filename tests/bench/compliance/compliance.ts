import { buildServices } from '../../../server/build-services.ts'
import { readEnvironment } from '../../../server/environment.ts'
import { defineBench } from '../bench.ts'
import { startSetting } from '../setting.ts'
import { measureChecks } from './measure-checks.ts'
import { measureLimits } from './measure-limits.ts'

export const compliance = defineBench({
  name: 'compliance',
  says: 'compliance checks in process, with 100,000 and 1,000,000 list entries; and payments.create with and without rolling limits.',
  options: {
    entries: { says: 'list entries of the smaller app', byDefault: 100_000 },
    many: { says: 'list entries of the larger app', byDefault: 1_000_000 },
    people: { says: 'wallets that pay, and recipients, of each app', byDefault: 5_000 },
    atOnce: { says: 'checks under way at a time: of more, each waits for the others', byDefault: 7 },
    seconds: { says: 'length of a round of checks', byDefault: 1 },
    rounds: {
      says: 'rounds of each, smaller and larger in turn: many short ones, so that a slow moment of the machine meets all',
      byDefault: 20,
    },
    paySeconds: { says: 'length of a round of payments', byDefault: 6 },
    payRounds: { says: 'rounds of each, without and with limits in turn', byDefault: 5 },
    warmup: { says: 'seconds of payments before the rounds', byDefault: 5 },
  },
  figures: {
    cachedRate: { says: 'checks a second, smaller app', unit: '/s', atLeast: 5_000 },
    cachedP50: { says: 'half are answered within', unit: 'ms' },
    cachedP99: { says: '99 of 100 are answered within', unit: 'ms', atMost: 5 },
    cachedCpu: { says: "the process's processor time for each", unit: 'ms' },
    uncachedRate: { says: 'the same, nothing of lists or attestations remembered', unit: '/s', atLeast: 1_500 },
    uncachedP99: { says: '99 of 100 are answered within', unit: 'ms' },
    uncachedCpu: { says: "the process's processor time for each", unit: 'ms' },
    manyCachedRate: { says: 'checks a second, larger app', unit: '/s' },
    manyCachedRatio: { says: 'share of the smaller', unit: '', atLeast: 0.9 },
    manyUncachedRate: { says: 'the same, nothing remembered', unit: '/s' },
    manyUncachedRatio: { says: 'share of the smaller', unit: '', atLeast: 0.9 },
    checks: { says: 'checks in the whole run', unit: '' },
    wrong: { says: 'checks with another outcome than the right one', unit: '', atMost: 0 },
    limitedRate: { says: 'payments accepted a second, with rolling limits', unit: '/s' },
    freeRate: { says: 'the same, without', unit: '/s' },
    limitedRatio: { says: 'share of those without', unit: '', atLeast: 0.8 },
    limitedP99: { says: '99 of 100 are answered within, with limits', unit: 'ms' },
    freeP99: { says: 'the same, without', unit: 'ms' },
    limitedCpu: { says: "the service's processor time for each, with limits", unit: 'ms' },
    freeCpu: { says: 'the same, without', unit: 'ms' },
    errors: { says: 'requests not accepted', unit: '', atMost: 0 },
    miscounted: { says: 'payments with limits that a meter did not count, or the reverse', unit: '', atMost: 0 },
  },

  async run(stage) {
    const { stack, say } = stage
    const setting = stack.use(await startSetting({ wallets: 100, paywalls: 5, environment: { WORKERS: 'off' } }))
    const { sandbox } = setting
    const servicesOn = (databaseUrl: string) =>
      buildServices(readEnvironment({ ...sandbox.environment, LOG_LEVEL: 'error', DATABASE_URL: databaseUrl })).services

    say(
      'A check is all that compliance.check does behind HTTP: wallet and asset are read, the version of the rules, who is on',
    )
    say(
      'which list, attestations (of a provider in memory) and meters; then deny and sanctions lists, allow list, KYC, jurisdiction,',
    )
    say(
      'assets, threshold, limits of wallet and app (count and sum) and velocity are asked. Remembered are lists, for as long as their',
    )
    say(
      'version is the one that is read for every check, and attestations. Every outcome is compared with what it must be.\n',
    )
    const checks = await measureChecks(stage, servicesOn)

    say(
      '\nPayments: over HTTP, fsync on, workers and rate limits off; the limits are of each wallet and of the app, count and sum.\n',
    )
    const services = servicesOn(sandbox.database.applicationUrl)
    stack.defer(() => services.db.destroy())
    return { ...checks, ...(await measureLimits(stage, setting, services)) }
  },
})
