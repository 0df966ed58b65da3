// Runs before `npm start`, `npm test` and friends, on whatever Node the machine has and before anything is
// installed: so it imports nothing but Node itself. Installs exactly what the lock names, once per lock.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const stamp = join(root, 'node_modules', '.installed')
const lockHash = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')

const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash
const npm = (...args) =>
  spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })

if (!isInstalled()) {
  console.error('Installing the dependencies named in package-lock.json (once) …')
  const { status } = npm('ci', '--no-audit', '--no-fund', '--loglevel=error')
  if (status !== 0) {
    console.error(
      '\n`npm ci` failed, see above. Check that the npm registry is reachable, then run the same command again.',
    )
    process.exit(1)
  }
  // The runtime is the `node` devDependency, so that every machine runs the same one. Its install script may have been
  // blocked, which would otherwise show as a syntax error in the first TypeScript file.
  const { stdout } = spawnSync('npm', ['exec', '--', 'node', '--version'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (!/^v24\./m.test(stdout ?? '')) {
    console.error(
      `\nThe pinned Node 24 was not installed (found ${stdout?.trim() || 'none'}): npm did not run the install script of "node".`,
    )
    console.error(
      'Allow it (`npm install-scripts approve node`, or unset ignore-scripts) and run the same command again.',
    )
    process.exit(1)
  }
  writeFileSync(stamp, lockHash)
}
