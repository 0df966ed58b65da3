import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deployContracts, mintUsdc, sandboxContracts } from '../../sandbox/chain/deploy-contracts.ts'
import { reorganize, resetChain } from '../../sandbox/chain/disturb-chain.ts'
import { readTransfers } from '../../sandbox/chain/read-transfers.ts'
import { rpc } from '../../sandbox/chain/rpc.ts'
import { startChain } from '../../sandbox/chain/start-chain.ts'
import { balanceOf, eventually, payee, testChain } from './world.ts'

async function temporaryDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'chain-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

const height = async (url: string) => Number(await rpc(url, 'eth_blockNumber'))

function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0)
  } catch {
    return false
  }
}

test('two chains of different ids carry the same contracts at the same addresses', async () => {
  await using fuji = await testChain()
  await using evergreen = await testChain({ chainId: 99_372 })
  expect(Number(await rpc(evergreen.url, 'eth_chainId'))).toBe(99_372)
  for (const { url } of [fuji, evergreen]) {
    await mintUsdc(url, { to: payee, amount: 5n })
    expect(await balanceOf(url, payee)).toBe(5n)
    expect(await deployContracts(url)).toEqual(sandboxContracts)
  }
})

test('stopping leaves no process behind', async () => {
  const chain = await startChain({ chainId: 43_113 })
  expect(isRunning(chain.processId)).toBe(true)
  await chain.stop()
  expect(isRunning(chain.processId)).toBe(false)
})

test('with a state file, balances, blocks and receipts outlive a stop', async () => {
  await using directory = await temporaryDirectory()
  const stateFile = join(directory.path, 'chain.json')
  const first = await testChain({ stateFile })
  await mintUsdc(first.url, { to: payee, amount: 5n })
  // not by the newest block: waiting for the mint may have made an empty one after it
  const [mint] = await readTransfers(first.url, sandboxContracts.usdc)
  const before = await height(first.url)
  await first.stop()

  await using second = await startChain({ chainId: 43_113, stateFile })
  expect(await balanceOf(second.url, payee)).toBe(5n)
  expect(await height(second.url)).toBe(before)
  expect(await rpc(second.url, 'eth_getTransactionReceipt', [mint!.transactionHash])).toMatchObject({ status: '0x1' })
})

test('a hard kill loses only what came after the last save', async () => {
  await using directory = await temporaryDirectory()
  const stateFile = join(directory.path, 'chain.json')
  const first = await testChain({ stateFile })
  await mintUsdc(first.url, { to: payee, amount: 5n })
  await first.save()
  process.kill(first.processId, 'SIGKILL')
  await eventually(() => !isRunning(first.processId))
  await first.stop()

  await using second = await startChain({ chainId: 43_113, stateFile })
  expect(await balanceOf(second.url, payee)).toBe(5n)
})

test('a process that ends without stopping its chain takes it along, and the chain still writes its state', async () => {
  await using directory = await temporaryDirectory()
  const stateFile = join(directory.path, 'chain.json')
  const script = `
    import { deployContracts, mintUsdc } from './sandbox/chain/deploy-contracts.ts'
    import { startChain } from './sandbox/chain/start-chain.ts'
    const chain = await startChain({ chainId: 43113, stateFile: ${JSON.stringify(stateFile)} })
    await deployContracts(chain.url)
    await mintUsdc(chain.url, { to: '${payee}', amount: 5n })
    process.stdout.write(String(chain.processId), () => process.exit(1))`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script])
  const [output] = await once(child.stdout, 'data')
  await eventually(() => !isRunning(Number(output)))

  await using chain = await startChain({ chainId: 43_113, stateFile })
  expect(await balanceOf(chain.url, payee)).toBe(5n)
})

test('a state file that is half written is put aside, and the chain starts anew', async () => {
  await using directory = await temporaryDirectory()
  const stateFile = join(directory.path, 'chain.json')
  await writeFile(stateFile, '{"block":{"num')
  await using chain = await startChain({ chainId: 43_113, stateFile })
  expect(await height(chain.url)).toBe(0)
  expect(await readFile(`${stateFile}.broken`, 'utf8')).toBe('{"block":{"num')
})

test('a chain whose starter was killed is taken over, with all it holds', async () => {
  await using directory = await temporaryDirectory()
  const pidFile = join(directory.path, 'chain.pid')
  const orphan = await testChain({ pidFile })
  await mintUsdc(orphan.url, { to: payee, amount: 5n })

  await using heir = await startChain({ chainId: 43_113, pidFile })

  expect(heir.processId).toBe(orphan.processId)
  expect(await balanceOf(heir.url, payee)).toBe(5n)
  await heir.stop()
  expect(isRunning(orphan.processId)).toBe(false)
  await expect(readFile(pidFile)).rejects.toThrow('ENOENT')
})

test('a pid file that names another process touches nobody', async () => {
  await using directory = await temporaryDirectory()
  const pidFile = join(directory.path, 'chain.pid')
  await writeFile(pidFile, JSON.stringify({ processId: process.pid, port: 1 }))
  await using chain = await startChain({ chainId: 43_113, pidFile })
  expect(chain.processId).not.toBe(process.pid)
})

test('a port that is taken is a clear error', async () => {
  await using chain = await startChain({ chainId: 43_113 })
  const port = Number(new URL(chain.url).port)
  await expect(startChain({ chainId: 99_372, port })).rejects.toThrow(`Port ${port} for the chain is taken`)
})

test('blocks by the clock hold transactions back until the next', async () => {
  await using chain = await testChain({ blockTime: 1 })
  const before = await height(chain.url)
  await eventually(async () => (await height(chain.url)) > before)
})

test('a reorganization takes back what the last blocks held; a reset takes back everything but the contracts', async () => {
  await using chain = await testChain()
  await mintUsdc(chain.url, { to: payee, amount: 5n })
  await mintUsdc(chain.url, { to: payee, amount: 7n })

  const { removed } = await reorganize(chain.url, 1)
  expect(removed).toHaveLength(1)
  expect(await balanceOf(chain.url, payee)).toBe(5n)
  expect(await rpc(chain.url, 'eth_getTransactionReceipt', removed)).toBeNull()

  await resetChain(chain.url)
  expect(await balanceOf(chain.url, payee)).toBe(0n)
})
