// Installs an example as somebody's own repository would: exactly what its lock names, and the SDK as the package that is published, never by a
// path into the sources. `node scripts/install-example.mjs examples/payer-tiger`
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const example = resolve(process.argv[2] ?? '.')
const modules = join(example, 'node_modules')
const hash = (...texts) => texts.reduce((all, text) => all.update(text), createHash('sha256')).digest('hex')

function npm(directory, ...args) {
  const { status, stdout } = spawnSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: directory,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm ${args[0]} failed in ${directory}`)
  return stdout
}

/** Runs what brings something into node_modules, unless what it is made of is there already. */
function once(name, what, bring) {
  const stamp = join(modules, name)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === what) return
  bring()
  writeFileSync(stamp, what)
}

once('.installed', hash(readFileSync(join(example, 'package-lock.json'))), () => {
  console.error(`Installing ${example} …`)
  npm(example, 'ci')
})

npm(root, 'run', 'build', '--workspace', 'client-sdk')
const dist = join(root, 'client-sdk', 'dist')
const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
const texts = files.map((entry) => join(entry.parentPath, entry.name)).sort()
const built = [join(root, 'client-sdk', 'package.json'), ...texts].map((path) => readFileSync(path))
once('.installed-sdk', hash(...built), () => {
  const packed = mkdtempSync(join(tmpdir(), 'provider-sdk-'))
  try {
    npm(root, 'pack', '--workspace', 'client-sdk', '--pack-destination', packed)
    const [tarball] = readdirSync(packed)
    npm(example, 'install', '--no-save', '--no-package-lock', '--ignore-scripts', join(packed, tarball))
  } finally {
    rmSync(packed, { recursive: true })
  }
})
