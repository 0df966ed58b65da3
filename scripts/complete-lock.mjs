// Completes a package-lock.json with the optional binaries of other platforms. npm writes only those it could resolve
// where it ran, and `npm ci` elsewhere then refuses the lock or leaves a platform without its binary.
// Run after changing a dependency: `npm run lock`, or with the directory of an example: `node scripts/complete-lock.mjs examples/payer-tiger`.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const path = join(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'), 'package-lock.json')
const lock = JSON.parse(readFileSync(path, 'utf8'))

const systems = {
  win32: 'win32',
  windows: 'win32',
  darwin: 'darwin',
  linux: 'linux',
  android: 'android',
  freebsd: 'freebsd',
}
const processors = { x64: 'x64', amd64: 'x64', arm64: 'arm64', ia32: 'ia32', arm: 'arm', ppc64: 'ppc64' }

function platformOf(name) {
  const words = name.split(/[/@-]/)
  const pick = (table) => words.map((word) => table[word]).find(Boolean)
  const [os, cpu] = [pick(systems), pick(processors)]
  if (!os || !cpu) throw new Error(`${name}: cannot tell its platform from its name; add the entry by hand`)
  return { os: [os], cpu: [cpu], ...(words.includes('musl') && { libc: ['musl'] }) }
}

let added = 0
for (const [parent, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${parent ? `${parent}/` : ''}node_modules/${name}`
    const hoisted = `node_modules/${name}`
    if (lock.packages[nested] || lock.packages[hoisted]) continue
    lock.packages[hoisted] = { version, ...platformOf(name), ...(entry.dev && { dev: true }), optional: true }
    added++
  }
}

for (const entry of Object.values(lock.packages)) if (/^https?:/.test(entry.resolved ?? '')) delete entry.resolved
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${path}: ${added} entries of other platforms added`)
