import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startExample } from './start-example.ts'
import { interruption, tellEnd } from './start-together.ts'

// `npm run example`: Payer Tiger on the sandbox, and whom to be there.

const began = performance.now()
const directory = process.argv[2] ?? fileURLToPath(new URL('../.data/example', import.meta.url))

await using stack = new AsyncDisposableStack()
const interrupted = interruption()
const example = await startExample(stack, {
  directory,
  servicePort: Number(process.env.PORT ?? 4000),
  appPort: Number(process.env.APP_PORT ?? 3000),
})
const { sandbox, service } = example

console.log(`
Payer Tiger is open after ${((performance.now() - began) / 1000).toFixed(1)} s:  ${example.url}

Sign in there as one of the sandbox's people, with a development wallet that the page has for each of them:

  reader                 has USDC in their own wallet and in one that is kept for them: pay something
  reader without funds   has none
  listed reader          is on the deny list: every payment is refused, and says why
  merchant               sells: ${example.url}/merchant
  officer                decides on payments of more than 100 USDC: ${example.url}/officer
  second officer         decides on what the officer asked for
  operator               approves what officers ask for: ${example.url}/officer/approvals
  auditor                sees all of it and changes nothing

  Procedures   ${service.url}/trpc
  Chain        ${sandbox.chain.url}  (Fuji on this machine, id ${sandbox.chain.chainId})
  Logs         ${example.logFile}
               ${example.appLogFile}

Everything is kept in ${relative('.', directory)}; delete it to begin anew · Ctrl-C ends everything.`)

tellEnd(await Promise.race([interrupted, example.ended]))
