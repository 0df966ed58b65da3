// Keeps a picture of the declarations that the package publishes. With --check it only tells whether it is current, and whether anything
// that was promised is broken: that needs a version that says so, and a word in the changelog.
import { readFile, writeFile } from 'node:fs/promises'
import { breaksOf } from './compare.ts'
import { root } from './compile.ts'

const entries = ['index', 'next', 'react', 'wagmi']
const read = (path: string) => readFile(`${root}${path}`, 'utf8')
const pictureOf = (entry: string) => `client-sdk/api/${entry}.d.ts`
const isCheck = process.argv.includes('--check')

const { version } = JSON.parse(await read('client-sdk/package.json')) as { version: string }
const recorded = (await read('client-sdk/api/version').catch(() => '')).trim()
const problems: string[] = []

for (const entry of entries) {
  const now = await read(`client-sdk/dist/${entry}.d.ts`)
  const before = await read(pictureOf(entry)).catch(() => null)
  if (now === before) continue
  const breaks = before === null ? [] : entry === 'index' ? await breaksOf(before, now) : lostExports(before, now)
  if (breaks.length > 0 && !(await isSaid()))
    problems.push(
      ...breaks.map((line) => `${entry}: ${line}`),
      `That breaks who uses ${recorded}: raise the version in client-sdk/package.json and say "Breaking" in its part of CHANGELOG.md`,
    )
  else if (isCheck) problems.push(`${pictureOf(entry)} is not current: npm run api`)
  else await writeFile(`${root}${pictureOf(entry)}`, now)
}
if (!isCheck && problems.length === 0) await writeFile(`${root}client-sdk/api/version`, `${version}\n`)

for (const problem of problems) console.error(`SDK: ${problem}`)
process.exitCode = problems.length > 0 ? 1 : 0

/** Whether the version is one that may break, and the changelog says what. */
async function isSaid(): Promise<boolean> {
  const [from, to] = [recorded, version].map((text) => text.split('.').map(Number)) as [number[], number[]]
  const raised = to[0]! > from[0]! || (from[0] === 0 && to[0] === 0 && to[1]! > from[1]!)
  const [, section = ''] = (await read('CHANGELOG.md')).split(`\n## ${version}`)
  return raised && /breaking/i.test(section.split('\n## ')[0]!)
}

function lostExports(before: string, now: string): string[] {
  const names = (text: string) =>
    [...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) => list!.split(',').map((name) => name.trim()))
  const kept = new Set(names(now))
  return names(before)
    .filter((name) => !kept.has(name))
    .map((name) => `the export ${name} is gone`)
}
