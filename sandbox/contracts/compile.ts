/**
 * Compiles the contracts of the sandbox into `compiled/<Name>.json`, which is committed: nobody needs the compiler to run
 * the sandbox. `--check` writes nothing and exits 1 when a committed file is not what the source compiles to.
 */
import { readFileSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import solc from 'solc'

interface CompilerOutput {
  errors?: { severity: 'error' | 'warning' | 'info'; formattedMessage: string }[]
  contracts: Record<
    string,
    Record<string, { abi: unknown[]; evm: { bytecode: { object: string }; deployedBytecode: { object: string } } }>
  >
}

const here = new URL('.', import.meta.url)
const sources = (await readdir(here)).filter((file) => file.endsWith('.sol')).sort()

const output: CompilerOutput = JSON.parse(
  solc.compile(
    JSON.stringify({
      language: 'Solidity',
      sources: Object.fromEntries(
        await Promise.all(
          sources.map(async (file) => [file, { content: await readFile(new URL(file, here), 'utf8') }]),
        ),
      ),
      settings: {
        optimizer: { enabled: true, runs: 200 },
        evmVersion: 'cancun',
        // without it the bytecode would depend on comments and paths
        metadata: { bytecodeHash: 'none', appendCBOR: false },
        outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
      },
    }),
    { import: (path: string) => ({ contents: readFileSync(fileURLToPath(import.meta.resolve(path)), 'utf8') }) },
  ),
)

const problems = (output.errors ?? []).filter((problem) => problem.severity === 'error')
if (problems.length > 0) {
  console.error(problems.map((problem) => problem.formattedMessage).join('\n'))
  process.exit(1)
}

const check = process.argv.includes('--check')
let stale = 0
// what is abstract is there to be built upon, and has no code of its own
const whole = sources.filter((file) => contractOf(file).evm.bytecode.object !== '')
for (const file of whole) {
  const name = basename(file, '.sol')
  const { abi, evm } = contractOf(file)
  const json = `${JSON.stringify({
    abi,
    bytecode: `0x${evm.bytecode.object}`,
    deployedBytecode: `0x${evm.deployedBytecode.object}`,
  })}\n`
  const target = new URL(`compiled/${name}.json`, here)
  if ((await readFile(target, 'utf8').catch(() => '')) === json) continue
  stale += 1
  if (check) console.error(`sandbox/contracts/compiled/${name}.json is not what ${file} compiles to`)
  else await writeFile(target, json)
}
if (check && stale > 0) process.exit(1)
console.log(check ? `${whole.length} contracts match their source` : `${stale} of ${whole.length} contracts rewritten`)

function contractOf(file: string) {
  return output.contracts[file]![basename(file, '.sol')]!
}
