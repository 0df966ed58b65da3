import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { people } from './people.ts'
import { interruption, startTogether, tellEnd } from './start-together.ts'

// `npm start`: everything on this machine, and what to open and try.

const root = fileURLToPath(new URL('..', import.meta.url))
const directory = join(root, '.data')
const began = performance.now()

await using stack = new AsyncDisposableStack()
const interrupted = interruption()
const {
  sandbox,
  service,
  seeded: demo,
  logFile,
} = await startTogether(stack, { directory, servicePort: Number(process.env.PORT ?? 4000) })
const demoFile = join(directory, 'sandbox.env')
await writeFile(
  demoFile,
  Object.entries({
    PROVIDER_URL: service.url,
    PROVIDER_API_KEY: demo.apiKey,
    APP_ID: demo.appId,
    PAYWALL_ID: demo.paywallId,
    WALLET_ID: demo.walletId,
    RPC_URL: sandbox.chain.url,
    USDC: sandbox.contracts.usdc,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join(''),
  { mode: 0o600 },
)

console.log(`
Provider Service is ready after ${((performance.now() - began) / 1000).toFixed(1)} s.

  Procedures   ${service.url}/trpc
  Ready?       ${service.url}/health/ready
  Metrics      ${service.url}/metrics
  Its log      ${logFile}

  Chain        ${sandbox.chain.url}  (Fuji on this machine, id ${sandbox.chain.chainId})
  Evergreen    ${sandbox.evergreen.url}  (a second chain, id ${sandbox.evergreen.chainId})
  Crossmint    ${sandbox.crossmint.url}  (a simulator)
  Chainsettle  ${sandbox.chainsettle.url}  (a simulator)
  HTTPayer     ${sandbox.httpayer.url}  (a simulator)
  Paid API     ${sandbox.paidApi.url}/weather  (takes x402; its payee is ${sandbox.paidApi.payee})
  Database     ${new URL(sandbox.database.applicationUrl).host}  (PostgreSQL; its files are in .data)

  App          Payer Tiger   ${demo.appId}
  API key      ${demo.apiKey}
  Paywall      ${demo.paywallId}   1.50 USDC
  Wallet       ${demo.walletId}   ${demo.walletAddress}
  Operator     ${sandbox.operatorKey}
  For programs ${demoFile}  (the same, to be read by node --env-file)

  Tokens       ${demo.tokens.map(({ id, symbol, standard }) => `${id}   ${symbol.padEnd(5)}  ${standard} on Evergreen`).join('\n               ')}
  Holders      ${demo.holders.map(({ id, address }) => `${id}   ${address}`).join('\n               ')}

Pay it, then look it up:

  curl -s ${service.url}/trpc/payments.create \\
    -H 'authorization: Bearer ${demo.apiKey}' -H 'content-type: application/json' \\
    -d '{"json":{"paywallId":"${demo.paywallId}","walletId":"${demo.walletId}","idempotencyKey":"my-first-payment"}}'

  curl -s -G ${service.url}/trpc/payments.list -H 'authorization: Bearer ${demo.apiKey}' --data-urlencode 'input={"json":{}}'

Watch what happens as it happens, from the first event on (Ctrl-C ends it):

  curl -sN -G ${service.url}/trpc/events.on -H 'authorization: Bearer ${demo.apiKey}' --data-urlencode 'input={"json":{"lastEventId":"0"}}'

Move 1.00 ${demo.tokens[0]!.symbol} from one holder to the other; eerc.preflight tells beforehand what lists, chain and token say:

  curl -s ${service.url}/trpc/eerc.transfer \\
    -H 'authorization: Bearer ${demo.apiKey}' -H 'content-type: application/json' \\
    -d '{"json":{"tokenId":"${demo.tokens[0]!.id}","walletId":"${demo.holders[0]!.id}","to":"${demo.holders[1]!.address}","amount":"100","idempotencyKey":"my-first-transfer"},"meta":{"values":{"amount":["bigint"]}}}'

Sign in as somebody (${Object.keys(people).join(', ')}), and ask who you are:

  eval curl -s ${service.url}/trpc/auth.me "$(npm run --silent sign-in -- officer ${demo.appId} ${service.url})"

The whole story: npm run demo · Everything is kept in .data; delete it to begin anew · Ctrl-C ends everything.`)

const ended = await Promise.race([interrupted, service.ended.then(() => 'the service ended by itself')])
tellEnd(ended)
