import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Runs before `npm run example` and the tests of the example: installs what its lock names, puts the packed SDK beside it as its users
// get it, and builds the app. Each is done again only when what it is made of has changed.

const root = fileURLToPath(new URL('..', import.meta.url))
const app = join(root, 'examples', 'payer-tiger')
const modules = join(app, 'node_modules')

/** What is made of other files, or in no build. */
const exclude = [
  '**/node_modules',
  '**/.next',
  '**/dist',
  '**/tests',
  '**/content',
  '**/*.md',
  '**/*.tsbuildinfo',
  '**/next-env.d.ts',
]

/** Of the contents of all files under these paths of a folder. */
function hashOf(folder: string, ...patterns: string[]): string {
  const hash = createHash('sha256')
  for (const file of globSync(patterns, { cwd: folder, exclude }).toSorted()) {
    const path = join(folder, file)
    if (statSync(path).isFile()) hash.update(file).update('\0').update(readFileSync(path))
  }
  return hash.digest('hex')
}

/** Does what makes `stamp` right, unless that is there and says it was made of the same. */
function once(what: string, stamp: string, madeOf: string, work: () => void): void {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === madeOf) return
  console.error(`${what} …`)
  work()
  writeFileSync(stamp, madeOf)
}

function npm(folder: string, ...args: string[]): string {
  const { status, stdout } = spawnSync('npm', args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    shell: process.platform === 'win32',
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
  })
  if (status === 0) return stdout
  console.error(`\n${stdout}\n\`npm ${args.join(' ')}\` failed in ${folder}, see above.`)
  process.exit(1)
}

const lock = hashOf(app, 'package.json', 'package-lock.json')
once('Installing what the example needs', join(modules, '.installed'), lock, () => {
  npm(app, 'ci', '--no-audit', '--no-fund', '--loglevel=error')
})

const sdk = hashOf(root, 'client-sdk/**', 'server/**')
const installed = join(modules, '@provider-service', 'client')
once('Packing the SDK for the example', join(installed, '.made-of'), sdk, () => {
  npm(root, 'run', 'build', '--silent', '--workspace', 'client-sdk')
  const packed = join(app, 'node_modules', '.packed')
  rmSync(packed, { recursive: true, force: true })
  rmSync(installed, { recursive: true, force: true })
  mkdirSync(packed, { recursive: true })
  mkdirSync(installed, { recursive: true })
  npm(root, 'pack', '--silent', '--workspace', 'client-sdk', '--pack-destination', packed)
  const [tarball] = globSync('*.tgz', { cwd: packed })
  const { status } = spawnSync('tar', ['-xzf', join(packed, tarball!), '-C', packed], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
  cpSync(join(packed, 'package'), installed, { recursive: true })
})

const sources = hashOf(app, '**') + sdk
once('Building the example', join(app, '.next', '.made-of'), sources, () => {
  npm(app, 'run', 'build', '--silent')
})
