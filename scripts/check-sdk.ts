// What the built SDK promises to whoever installs it: small, typed for every compiler setting, and nothing of the server in it.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = `${root}client-sdk/dist`
const problems: string[] = []

/** What may be installed of each entry with all that it shares with others, and what it may import beside the core's own dependencies. */
const entries = {
  index: { javascriptGzipped: 7 * 1024, declarations: 96 * 1024, peers: /^$/ },
  next: { javascriptGzipped: 11 * 1024, declarations: 96 * 1024, peers: /^$/ },
  react: { javascriptGzipped: 20 * 1024, declarations: 110 * 1024, peers: /^(react|@tanstack\/react-query)$/ },
  wagmi: { javascriptGzipped: 5 * 1024, declarations: 96 * 1024, peers: /^(@wagmi\/core|viem(\/actions)?)$/ },
}
const dependencies = /^(@trpc\/(client|server)(\/.*)?|superjson)$/
const ofTheServer =
  /\b(kysely|express|pino|prom-client|Kysely|Pool|Services|audit_head|app_id|crossmint)\b|from ["'](pg|zod|viem)/i

/** What a consumer would write. */
const consumer = `
import { createClient, errorOf, events, pay, signIn, signOut, type EercOperation, type EercPreflight, type EercToken, type TokenAction, type Role, type Signer, type ErrorCode, type Payment, type SettledPayment } from '@provider-service/client'

const client = createClient({ url: 'https://provider.example.com', apiKey: 'psk_' })
export async function people(signer: Signer): Promise<Role[]> {
  const browser = createClient({ url: 'https://provider.example.com' })
  const { user } = await signIn(browser, { appId: '1', signer })
  await signOut(browser, { everywhere: true })
  createClient({ url: 'https://provider.example.com', token: async () => 'ey' })
  return user.roles
}
export async function freeze({ id: tokenId }: EercToken, action: TokenAction & { type: 'freeze' }): Promise<EercOperation> {
  const { outcome }: EercPreflight = await client.eerc.preflight.query({ tokenId, action })
  const { holder, frozen } = action
  return client.eerc.freeze.mutate({ tokenId, holder, frozen, reason: outcome, idempotencyKey: '1' })
}
export async function follow(signal: AbortSignal): Promise<bigint> {
  for await (const { id, data } of client.events.on.subscribe({ types: ['payment.*'], lastEventId: '7' }, { signal }))
    if (BigInt(id) !== data.position) break
  // @ts-expect-error there is no such type
  events(client, { types: ['payment.destroyed'] })
  for await (const event of events(client, { from: 7n, types: ['payment.*', '*.attention', 'hold.placed'], signal })) {
    if (event.type === 'payment.settled') return event.position
    // @ts-expect-error there is no such type
    if (event.type === 'payment.destroyed') break
  }
  return 0n
}
export async function example(): Promise<SettledPayment> {
  const quote = await client.payments.quote.query({ paywallId: '1', walletId: '2' })
  const amount: bigint = quote.amount
  const { items } = await client.payments.list.query({ state: 'settled' })
  const when: Date | undefined = items[0]?.createdAt
  const payment: Payment | undefined = items[0]
  // @ts-expect-error amounts are no numbers
  const wrong: number = quote.amount
  // @ts-expect-error there is no such procedure
  client.payments.destroy.mutate({})
  // @ts-expect-error a key is needed
  client.payments.create.mutate({ paywallId: '1', walletId: '2' })
  try {
    return await pay(client, { paywallId: '1', walletId: '2' })
  } catch (error) {
    const code: ErrorCode | 'UNREACHABLE' | 'PAYMENT_NOT_SETTLED' | 'WEBHOOK_REFUSED' = errorOf(error).code
    throw new Error([code, amount, when, payment, wrong].join())
  }
}
`

for (const [entry, { peers, ...budgets }] of Object.entries(entries)) {
  const texts = { javascript: await textOf(`${entry}.js`), declarations: await textOf(`${entry}.d.ts`) }
  const gzipped = gzipSync(texts.javascript).length
  if (gzipped > budgets.javascriptGzipped)
    problems.push(`the JavaScript of ${entry} has ${gzipped} bytes gzipped; its budget is ${budgets.javascriptGzipped}`)
  if (texts.declarations.length > budgets.declarations)
    problems.push(
      `the declarations of ${entry} have ${texts.declarations.length} bytes; their budget is ${budgets.declarations}`,
    )
  for (const [kind, commented] of Object.entries(texts)) {
    const text = commented.replaceAll(/\/\*[\s\S]*?\*\//g, '')
    for (const name of importedBy(text))
      if (!name.startsWith('./') && !dependencies.test(name) && !peers.test(name))
        problems.push(`the ${kind} of ${entry} import ${name}`)
    const trace = ofTheServer.exec(text)
    if (trace && !peers.test('viem')) problems.push(`the ${kind} of ${entry} show "${trace[0]}" of the server`)
  }
  if (!texts.declarations.includes('Answered means: it will settle once'))
    problems.push(`the declarations of ${entry} lost their comments`)
  console.log(`SDK: ${entry} has ${gzipped} bytes of JavaScript gzipped, ${texts.declarations.length} of declarations`)
}

problems.push(...(await consumerProblems('nodenext')), ...(await consumerProblems('bundler')))

for (const problem of problems) console.error(`SDK: ${problem}`)
console.log(`SDK: ${problems.length} problems`)
process.exitCode = problems.length > 0 ? 1 : 0

function importedBy(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?["']([^"']+)["']/g)].map(([, name]) => name!)
}

/** A file of the package, and all of the package that it imports. */
async function textOf(file: string, seen = new Set<string>()): Promise<string> {
  seen.add(file)
  const text = await readFile(`${dist}/${file}`, 'utf8')
  const others: string[] = []
  for (const name of importedBy(text)) {
    if (!name.startsWith('./')) continue
    const other = file.endsWith('.d.ts') ? name.slice(2).replace(/\.js$/, '.d.ts') : name.slice(2)
    if (!seen.has(other)) others.push(await textOf(other, seen))
  }
  return [text, ...others].join('\n')
}

/** Compiles what a consumer would write, strictly, with the libraries of a browser and without ours. */
async function consumerProblems(moduleResolution: 'nodenext' | 'bundler'): Promise<string[]> {
  // inside node_modules, from where the package is found by its name
  const directory = await mkdtemp(`${root}node_modules/.consumer-`)
  try {
    const compilerOptions = {
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      target: 'es2022',
      lib: ['es2022', 'dom', 'esnext.disposable'],
      types: [],
      moduleResolution,
      module: moduleResolution === 'nodenext' ? 'nodenext' : 'esnext',
    }
    await Promise.all([
      writeFile(`${directory}/package.json`, '{"type":"module"}'),
      writeFile(`${directory}/tsconfig.json`, JSON.stringify({ compilerOptions, files: ['consumer.ts'] })),
      writeFile(`${directory}/consumer.ts`, consumer),
    ])
    await promisify(execFile)(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', directory])
    return []
  } catch (error) {
    const { stdout = '', message } = error as { stdout?: string; message: string }
    return [`a consumer does not compile with moduleResolution ${moduleResolution}: ${stdout || message}`]
  } finally {
    await rm(directory, { recursive: true })
  }
}
