import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '../client-sdk/index.ts'
import { textOfPublicKey } from '../server/domain/audit/keys.ts'
import { readAuditKeys } from '../server/environment.ts'
import { requireFree } from './free-port.ts'
import { startNextApp } from './next-app.ts'
import { FUJI } from './sandbox.ts'
import { keptKey } from './seed.ts'
import { seedExample } from './seed-example.ts'
import { startTogether, type Together } from './start-together.ts'

/** The example app, and everything that it needs on this machine. */
export interface Example extends Together {
  /** Of the app. */
  url: string
  appLogFile: string
  /** Resolves with what ended by itself. */
  ended: Promise<string>
}

export interface ExampleOptions {
  /** Holds everything that is kept. */
  directory: string
  servicePort: number
  appPort: number
}

const folder = fileURLToPath(new URL('../examples/payer-tiger', import.meta.url))

/** The public halves of what a service signs its checkpoints with, as `provider audit keys` prints them. */
const auditKeysOf = (environment: Record<string, string>): string =>
  [...(readAuditKeys(environment)?.publicKeys ?? [])].map(([id, key]) => `${id}:${textOfPublicKey(key)}`).join(',')

/** Brings up a sandbox, the service, and Payer Tiger as it was built. All of it ends with `stack`. */
export async function startExample(
  stack: AsyncDisposableStack,
  { directory, servicePort, appPort }: ExampleOptions,
): Promise<Example> {
  await requireFree(appPort)
  await mkdir(directory, { recursive: true, mode: 0o755 })
  const together = await startTogether(stack, {
    directory,
    servicePort,
    // everybody here calls from one machine, and would be counted as one caller
    environment: { RATE_LIMITS: 'off' },
  })
  const { sandbox, service, seeded } = together
  const url = `http://localhost:${appPort}`
  const content = join(directory, 'content')
  const operator = createClient({ url: service.url, apiKey: sandbox.operatorKey })
  const [apiKey] = await Promise.all([
    keptKey(
      operator,
      { appId: seeded.appId, name: 'shop-window', scopes: ['assets:read', 'paywalls:read'] },
      join(directory, 'window-api-key'),
    ),
    seedExample(sandbox, seeded, { page: url, content }),
  ])
  const appLogFile = join(directory, 'app.log')
  const app = stack.use(
    await startNextApp({
      folder,
      port: appPort,
      logFile: appLogFile,
      environment: {
        PROVIDER_URL: service.url,
        PROVIDER_APP_ID: seeded.appId,
        PROVIDER_API_KEY: apiKey,
        CHAINS: JSON.stringify([
          { id: FUJI, name: 'Fuji', coin: 'AVAX', rpcUrl: sandbox.chain.url, explorer: `${url}/explorer` },
        ]),
        CONTENT_DIRECTORY: content,
        AUDIT_PUBLIC_KEYS: auditKeysOf(sandbox.environment),
        SANDBOX: '1',
      },
    }),
  )
  const ended = Promise.race([
    service.ended.then(() => 'the service ended by itself'),
    app.ended.then(() => 'the app ended by itself'),
  ])
  return { ...together, url, appLogFile, ended }
}
