// What the packed SDK promises to whoever installs it: small, typed for every compiler and setting, and nothing of the server in it.
import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { type Compiler, compile, emptyProject, root } from './sdk/compile.ts'
import * as consumers from './sdk/consumers.ts'
import { examples, moduleOf } from './sdk/examples.ts'

const run = promisify(execFile)
const problems: string[] = []

/**
 * Bytes. `bundled` is what a page loads: minified and gzipped, the core with all that it depends on, sub-paths without the core.
 *
 * Of the core that is all but `onServers`: a page cannot keep the secret of an endpoint, and what it does not import is not in its bundle.
 */
const budgets = {
  index: { bundled: 18_000, declarations: 60_000, peers: /^$/ },
  next: { bundled: 6_000, declarations: 12_000, peers: /^(@tanstack\/react-query|react(\/.*)?)$/ },
  react: { bundled: 9_000, declarations: 16_000, peers: /^(@tanstack\/react-query|react(\/.*)?)$/ },
  wagmi: { bundled: 4_000, declarations: 6_000, peers: /^(@wagmi\/core|viem(\/.*)?)$/ },
}
const onServers = ['verifyWebhook']
const mostInstantiations = 10_000
const dependencies = /^(@trpc\/(client|server)(\/.*)?|superjson)$/
const ofTheServer =
  /\b(kysely|express|pino|prom-client|Kysely|Pool|Services|audit_head|app_id|crossmint)\b|from ["'](node:|pg|zod|viem)/i
const contents = /^(dist\/[\w-]+\.(js|d\.ts)|LICENSE|README\.md|package\.json)$/

await using project = await emptyProject()
const dist = await install()
const figures = await Promise.all(
  Object.keys(budgets).map(async (entry) => `${entry} ${await sizesOf(entry as keyof typeof budgets)}`),
)
await project.write('core.ts', consumers.core)
await project.write('sub-paths.ts', consumers.subPaths)
// what checking the libraries of a browser costs is not ours
const { instantiations } = await compiles('typescript', 'nodenext', ['core.ts'], { skipLibCheck: true })
if (!(instantiations <= mostInstantiations))
  problems.push(`a consumer costs ${instantiations} instantiations; the budget is ${mostInstantiations}`)
for (const compiler of ['typescript-5', 'typescript-6', 'typescript'] as const)
  for (const resolution of ['nodenext', 'bundler'] as const) await compiles(compiler, resolution, ['core.ts'])
await project.link('@wagmi/core', 'viem', 'react', '@types/react', '@tanstack/react-query')
// what is linked has errors of its own
await compiles('typescript', 'bundler', ['sub-paths.ts'], { skipLibCheck: true })
await compileExamples()

for (const problem of problems) console.error(`SDK: ${problem}`)
console.log(`SDK: ${figures.join('; ')}; ${instantiations} instantiations; ${problems.length} problems`)
process.exitCode = problems.length > 0 ? 1 : 0

/** Packs the package and unpacks it where npm would: outside of the repository, from where nothing of it is reached. */
async function install(): Promise<string> {
  const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', project.folder], {
    cwd: `${root}client-sdk`,
  })
  const [{ filename, files }] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }]
  for (const { path } of files) if (!contents.test(path)) problems.push(`the package has ${path} in it`)
  for (const path of ['LICENSE', 'README.md'])
    if (!files.some((file) => file.path === path)) problems.push(`the package has no ${path} in it`)
  const folder = join(project.folder, 'node_modules/@provider-service/client')
  await mkdir(folder, { recursive: true })
  await run('tar', ['-xzf', join(project.folder, filename), '-C', folder, '--strip-components', '1'])
  return join(folder, 'dist')
}

async function sizesOf(entry: keyof typeof budgets): Promise<string> {
  const { bundled, declarations, peers } = budgets[entry]
  const types = await readFile(join(dist, `${entry}.d.ts`), 'utf8')
  const bundle = await bundleOf(entry)
  if (entry === 'index' && bundle.includes('webhook-signature'))
    problems.push('a page that does not import verifyWebhook has it in its bundle')
  const gzipped = gzipSync(bundle, { level: 9 }).length
  const typeBytes = Buffer.byteLength(types)
  if (gzipped > bundled) problems.push(`${entry} is ${gzipped} bytes minified and gzipped; its budget is ${bundled}`)
  if (typeBytes > declarations)
    problems.push(`the declarations of ${entry} have ${typeBytes} bytes; their budget is ${declarations}`)
  const scripts = (await readdir(dist)).filter((name) => name === `${entry}.js` || (entry === 'index' && isChunk(name)))
  const texts = [types, ...(await Promise.all(scripts.map((name) => readFile(join(dist, name), 'utf8'))))]
  for (const commented of texts) {
    const text = commented.replaceAll(/\/\*[\s\S]*?\*\//g, '')
    for (const [, name] of text.matchAll(/(?:from|import)\s*\(?["']([^"']+)["']/g))
      if (!name!.startsWith('./') && !dependencies.test(name!) && !peers.test(name!))
        problems.push(`${entry} imports ${name}`)
    const trace = ofTheServer.exec(text)
    if (trace && entry !== 'wagmi') problems.push(`${entry} shows "${trace[0]}" of the server or of Node`)
    if (entry !== 'index' && text.includes('class ProviderServiceError'))
      problems.push(`${entry} has a second copy of the core in it: import from ../index.ts`)
  }
  if (entry === 'index' && !types.includes('will settle once, or you will be told why not'))
    problems.push('the declarations lost their comments')
  return `${gzipped} + ${typeBytes} of declarations`
}

function isChunk(name: string): boolean {
  return name.endsWith('.js') && !(name.slice(0, -3) in budgets)
}

/** What a bundler makes of an entry for a page. */
async function bundleOf(entry: keyof typeof budgets): Promise<string> {
  const input = entry === 'index' ? await page() : join(dist, `${entry}.js`)
  const external =
    entry === 'index' ? [] : [/^\.\/(index|internal)\.js$/, /^(@wagmi|viem|react|@tanstack|@trpc|superjson)/]
  const bundle = await rolldown({
    input,
    external,
    platform: 'browser',
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    onLog: () => {},
  })
  const { output } = await bundle.generate({ format: 'esm', minify: true })
  await bundle.close()
  return output.map((chunk) => ('code' in chunk ? chunk.code : '')).join('\n')
}

/** A script of a page that imports all of the core that pages can use. */
async function page(): Promise<string> {
  const names = Object.keys(await import(pathToFileURL(join(dist, 'index.js')).href))
  for (const name of onServers) if (!names.includes(name)) problems.push(`the core does not export ${name}`)
  const imported = names.filter((name) => !onServers.includes(name)).join(', ')
  await project.write('page.js', `export { ${imported} } from '@provider-service/client'\n`)
  return join(project.folder, 'page.js')
}

/** Every example in the sources, as somebody would paste it who has installed the package. */
async function compileExamples(): Promise<void> {
  const entries = Object.keys(budgets)
  const types = await Promise.all(entries.map((entry) => readFile(join(dist, `${entry}.d.ts`), 'utf8')))
  const exported = Object.fromEntries(entries.map((entry, index) => [entry, valuesOf(types[index]!)]))
  await project.write('given.d.ts', consumers.given)
  await project.write(
    'next-headers.d.ts',
    "declare module 'next/headers' { export function headers(): Promise<Headers> }",
  )
  const files = ['next-headers.d.ts']
  for (const [index, example] of (await examples()).entries()) {
    const file = `${example.name}-${index}.tsx`
    files.push(file)
    await project.write(file, moduleOf(example, exported, consumers.given))
  }
  await compiles('typescript', 'bundler', files, { skipLibCheck: true, jsx: 'react-jsx' })
}

/** The names of the functions and constants that declarations export. */
function valuesOf(declarations: string): string[] {
  const stated = [...declarations.matchAll(/^export (?:declare )?(?:function|const|class) (\w+)/gm)]
  const listed = [...declarations.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) => list!.split(/,\s*/))
  return [...new Set([...stated.map(([, name]) => name!), ...listed.map((name) => name.trim())])].filter((name) =>
    /^\w+$/.test(name),
  )
}

async function compiles(
  compiler: Compiler,
  moduleResolution: 'nodenext' | 'bundler',
  files: string[],
  more: Record<string, unknown> = {},
) {
  const result = await compile(project, files, { compiler, moduleResolution, ...more })
  for (const problem of result.problems) problems.push(`${compiler} with ${moduleResolution}: ${problem}`)
  return result
}
