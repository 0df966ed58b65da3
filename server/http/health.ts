import type { RequestHandler } from 'express'
import { pendingMigrations } from '../../db/migrate.ts'
import type { Services } from '../services.ts'

/** `GET /health/live`: the process answers. Says nothing about what it depends on. */
export const live: RequestHandler = (_request, response) => {
  response.json({ live: true })
}

/** `GET /health/ready`: 200 when every dependency answers, else 503; the body says which does not, and why. */
export function ready(services: Services): RequestHandler {
  return async (_request, response) => {
    const checks = await Promise.all([
      check('database', async () => {
        const pending = await pendingMigrations(services.db)
        if (pending.length > 0)
          throw new Error(`${pending.length} migrations are missing: run "npm run provider -- migrate"`)
      }),
      ...services.chains.all().map((chain) => check(`chain eip155:${chain.chainId}`, () => chain.blockNumber())),
      check('wallet provider', () => services.provider.ping()),
      ...(services.localSigner?.lanes ?? []).map((lane) =>
        check(`lane eip155:${lane.chainId} ${lane.address}`, () => lane.check()),
      ),
      ...services.attestations.providers.map((provider) =>
        check(`attestations ${provider.name}`, () => provider.ping()),
      ),
    ])
    for (const { name, ready } of checks) services.metrics.up.set({ dependency: name }, ready ? 1 : 0)
    const isReady = checks.every(({ ready }) => ready)
    response.status(isReady ? 200 : 503).json({ ready: isReady, checks })
  }
}

interface Check {
  name: string
  ready: boolean
  /** Why not. */
  message?: string
}

const PATIENCE = 3_000

async function check(name: string, question: () => Promise<unknown>): Promise<Check> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`did not answer within ${PATIENCE} ms`)), PATIENCE)
  try {
    await Promise.race([question(), late.promise])
    return { name, ready: true }
  } catch (error) {
    return { name, ready: false, message: (error as Error).message }
  } finally {
    clearTimeout(timer)
  }
}
