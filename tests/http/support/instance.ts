import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp } from '../../../server/app.ts'
import { type Built, buildServices, type Observation } from '../../../server/build-services.ts'
import { readEnvironment } from '../../../server/environment.ts'
import { sandboxSecrets } from '../../../server/sandbox-secrets.ts'
import type { World } from '../../support/world.ts'

/** A second service on the world's database and chain. */
export interface Instance extends AsyncDisposable {
  url: string
  built: Built
  /** What it has logged so far, from `debug` on. */
  lines: Line[]
}

/** A line of the log, and its whole text. */
export interface Line {
  level: number
  msg: string
  text: string
}

/** The variables with which a service of its own process finds the world. */
export const environmentOf = (world: World, crossmintUrl: string): Record<string, string> => ({
  PROVIDER_ENVIRONMENT: 'sandbox',
  LOG_LEVEL: 'debug',
  PORT: '0',
  DATABASE_URL: world.database.applicationUrl,
  CROSSMINT_URL: crossmintUrl,
  CROSSMINT_API_KEY: sandboxSecrets.crossmintApiKey,
  CROSSMINT_SIGNER_KEY: sandboxSecrets.signerKey,
  CROSSMINT_WEBHOOK_SECRET: sandboxSecrets.webhookSecret,
  PUBLIC_URL: 'http://127.0.0.1:4000',
  SESSION_PASSWORDS: `1:${sandboxSecrets.sessionPassword}`,
  TOKEN_KEYS: `sandbox:${sandboxSecrets.tokenSeed}`,
  AUDIT_KEYS: `sandbox:${sandboxSecrets.auditSeed}`,
  CROSSMINT_RATE_LIMIT: 'unlimited',
  RATE_LIMITS: 'off',
  CROSSMINT_TIMEOUT_MS: '1000',
  CHAINS: JSON.stringify([{ chainId: 43_113, rpcUrl: world.chain.url, finality: 4 }]),
})

/** Nobody listens there. */
export const nowhere = 'http://127.0.0.1:9'

/** Starts one more service in this process; its workers do not run. */
export async function instance(
  world: World,
  environment: Record<string, string> = {},
  observation: Observation = {},
): Promise<Instance> {
  const settings = readEnvironment({ ...environmentOf(world, nowhere), ...environment })
  const lines: Line[] = []
  const built = buildServices(settings, {
    onQuery: world.database.onQuery,
    logTo: { write: (text) => void lines.push({ ...JSON.parse(text), text }) },
    ...observation,
  })
  const server = createServer(createApp(built.edge))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    built,
    lines,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await built.stop()
    },
  }
}
