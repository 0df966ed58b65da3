import { parseArgs } from 'node:util'
import { audit } from './audit/audit.ts'
import { type Bench, reportOf } from './bench.ts'
import { compliance } from './compliance/compliance.ts'
import { crash } from './crash.ts'
import { payments } from './payments/payments.ts'
import { session } from './session/session.ts'
import { settle } from './settle.ts'
import { signin } from './signin/signin.ts'
import { tableOf } from './table.ts'
import { webhooks } from './webhooks/webhooks.ts'
import { writer } from './writer/writer.ts'
import { x402 } from './x402/x402.ts'

// `npm run bench -- NAME`: one benchmark, beside its reference in the same run.

const benches: Bench[] = [payments, settle, crash, signin, session, audit, compliance, writer, webhooks, x402]

function listOf(): string {
  const entries = benches.map(({ name, says, options }) => {
    const switches = Object.entries(options).map(
      ([option, { says, byDefault }]) => `             --${option} ${byDefault}   ${says}`,
    )
    return [`  ${name.padEnd(10)} ${says}`, ...switches].join('\n')
  })
  return `npm run bench -- NAME [--json] [options]\n\n${entries.join('\n\n')}\n`
}

const [name, ...args] = process.argv.slice(2)
const bench = benches.find((one) => one.name === name)
if (!bench) {
  if (name && !name.startsWith('-')) console.error(`There is no bench "${name}".\n`)
  console.log(listOf())
  process.exit(name === undefined ? 0 : 2)
}

const { values } = parseArgs({
  args,
  options: {
    json: { type: 'boolean', default: false },
    ...Object.fromEntries(Object.keys(bench.options).map((option) => [option, { type: 'string' } as const])),
  },
})
const given = values as Record<string, unknown>
const options = Object.fromEntries(
  Object.entries(bench.options).map(([option, { byDefault }]) => [option, Number(given[option] ?? byDefault)]),
)
for (const [option, value] of Object.entries(options))
  if (!(value >= 0)) {
    console.error(`--${option} is a number`)
    process.exit(2)
  }

const stack = new AsyncDisposableStack()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stack.disposeAsync().finally(() => process.exit(130)))

// with --json the output is the one line at the end: what is said on the way goes where people look
const say = values.json ? (line: string) => console.error(line) : (line: string) => console.log(line)
try {
  const report = reportOf(bench, await bench.run({ options, stack, say }))
  say(`\n${tableOf(bench, report)}`)
  if (values.json) console.log(JSON.stringify(report))
  process.exitCode = report.ok ? 0 : 1
} finally {
  await stack.disposeAsync()
}
