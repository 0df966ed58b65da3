import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Chain } from '../../sandbox/chain/start-chain.ts'
import { controlOf } from '../../sandbox/crossmint/control.ts'
import {
  apiKey,
  apiOf,
  balanceOf,
  eventually,
  factory,
  fuji,
  fundedWallet,
  payee,
  secret,
  testChain,
  testCrossmint,
  transfer,
  usdc,
  webhookReceiver,
} from './world.ts'

let chain: Chain
beforeAll(async () => {
  chain = await testChain()
})
afterAll(() => chain.stop())

async function temporaryDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'crossmint-'))
  return { path, stateFile: join(path, 'crossmint.jsonl'), [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

/** The simulator as a process of its own, on a port and a state that a later one takes over. */
async function spawnCrossmint(stateFile: string, port: number, rpcUrl = chain.url) {
  const options = {
    port,
    stateFile,
    apiKeys: [{ key: apiKey, projectId: 'project-1' }],
    chains: { [fuji]: { rpcUrl, chainId: 43_113, usdc, factory } },
    rateLimit: 'unlimited',
    relayer: { broadcastDelay: 0, pollInterval: 20 },
  }
  const child = spawn(process.execPath, ['sandbox/crossmint/main.ts'], {
    env: { ...process.env, CROSSMINT_OPTIONS: JSON.stringify(options) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  const { url } = JSON.parse(line) as { url: string }
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }
  return {
    url,
    port: Number(new URL(url).port),
    api: apiOf(url),
    control: controlOf(url),
    kill,
    [Symbol.asyncDispose]: () => kill(),
  }
}

test('a killed simulator forgets nothing: wallets, keys, approvals, and it finishes what was approved', async () => {
  await using directory = await temporaryDirectory()
  await using first = await spawnCrossmint(directory.stateFile, 0)
  const world = first as unknown as Awaited<ReturnType<typeof testCrossmint>>
  const wallet = await fundedWallet(world)
  const done = await wallet.pay(1n, payee, 'done')
  await wallet.ended(done)
  await first.control.inject({ mode: 'F6' })
  const held = await wallet.pay(2n, payee, 'held')
  const waiting = (await first.api.transact(wallet.address, [transfer(3n)], {}, 'waiting')).body
  await first.kill()

  await using second = await spawnCrossmint(directory.stateFile, first.port)
  expect((await second.api.get(wallet.address, done)).body.status).toBe('success')
  expect((await second.api.transact(wallet.address, [transfer(2n)], {}, 'held')).body).toMatchObject({
    id: held,
    status: 'pending',
  })
  expect((await second.api.transact(wallet.address, [transfer(3n)], {}, 'waiting')).body.id).toBe(waiting.id)
  await second.control.advance(held)
  await wallet.ended(held)
  await second.api.approve(wallet.address, waiting.id, wallet.owner, waiting.onChain.userOperationHash)
  await wallet.ended(waiting.id)
  expect(await balanceOf(chain.url, wallet.address)).toBe(9_999_994n)
})

test('killed over and over while payments go through, each is paid once', async () => {
  await using directory = await temporaryDirectory()
  await using stack = new AsyncDisposableStack()
  const start = async (port: number) => stack.use(await spawnCrossmint(directory.stateFile, port))
  let crossmint = await start(0)
  const world = crossmint as unknown as Awaited<ReturnType<typeof testCrossmint>>
  const wallets = await Promise.all(Array.from({ length: 10 }, () => fundedWallet(world, 100n)))
  const ids: string[] = []
  for (let round = 0; round < 3; round++) {
    ids.push(...(await Promise.all(wallets.map((wallet) => wallet.pay(7n)))))
    await crossmint.kill()
    crossmint = await start(crossmint.port)
  }
  for (const [index, id] of ids.entries()) await wallets[index % wallets.length]!.ended(id)
  for (const { address } of wallets) expect(await balanceOf(chain.url, address)).toBe(79n)
})

test('what was sent and not mined when both died is sent again, and lands once', async () => {
  await using directory = await temporaryDirectory()
  await using slow = await testChain({ blockTime: 600, stateFile: join(directory.path, 'chain.json') })
  await using first = await spawnCrossmint(directory.stateFile, 0, slow.url)
  const world = first as unknown as Awaited<ReturnType<typeof testCrossmint>>
  const wallet = await fundedWallet(world, 10n)
  const id = await wallet.pay(4n)
  await eventually(async () => (await first.api.get(wallet.address, id)).body.onChain.txId)
  await first.kill()
  const port = Number(new URL(slow.url).port)
  await slow.stop()

  await using again = await testChain({ port, stateFile: join(directory.path, 'chain.json') })
  await using _second = await spawnCrossmint(directory.stateFile, first.port, again.url)
  await wallet.ended(id)
  expect(await balanceOf(again.url, wallet.address)).toBe(6n)
})

test('a webhook that was not delivered is delivered by the next run, under its id', async () => {
  await using directory = await temporaryDirectory()
  let open = false
  await using receiver = await webhookReceiver(() => (open ? 200 : 500))
  const options = { stateFile: directory.stateFile, webhook: { url: receiver.url, secret }, webhookTimeScale: 0.02 }
  const first = await testCrossmint(chain.url, options)
  await fundedWallet(first)
  const refused = await eventually(() => receiver.received[0])
  await first.stop()
  open = true
  await using second = await testCrossmint(chain.url, options)
  await eventually(async () => (await second.control.webhooks()).every(({ state }) => state === 'delivered'))
  expect(receiver.received.at(-1)?.headers['svix-id']).toBe(refused.headers['svix-id'])
})
