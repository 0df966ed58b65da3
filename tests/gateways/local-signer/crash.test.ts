import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getAddress, type Hex, hexToBigInt, numberToHex } from 'viem'
import { generatePrivateKey } from 'viem/accounts'
import { expect, test } from 'vitest'
import { atomically, reading } from '../../../db/transaction.ts'
import { resultOf, rpc, rpcBatch } from '../../../sandbox/chain/rpc.ts'
import { startChain } from '../../../sandbox/chain/start-chain.ts'
import type { RpcFault } from '../../../sandbox/rpc-proxy/faults.ts'
import { type RpcProxy, startRpcProxy } from '../../../sandbox/rpc-proxy/start-rpc-proxy.ts'
import { keyFromPrivateKey } from '../../../server/gateways/local-signer/signing-key.ts'
import { seededRandom } from '../../bench/statistics.ts'
import { testDatabase } from '../../support/database.ts'
import type { SendPlan } from './support/send-process.ts'

const isSoak = Boolean(process.env.SOAK)
const SENDS = isSoak ? 1_000 : 80
const KILLS = isSoak ? 20 : 2
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
const chainId = 99_372

/** Faults of whole requests are rarer for each call: a request holds many. */
const ofSends: [fault: RpcFault, share: number][] = [
  ['lost', 0.01],
  ['cut', 0.005],
  ['limited', 0.01],
  ['bad-gateway', 0.005],
  ['hang', 0.001],
  ['dropped', 0.04],
  ['already-known', 0.03],
  ['twice', 0.03],
  ['nonce-too-low', 0.03],
  ['nonce-too-high', 0.03],
  ['underpriced', 0.03],
  ['unfinalized', 0.03],
]
/** Every run meets each of these: of a few sends chance alone leaves one out now and then. */
const demanded = ['dropped', 'already-known', 'nonce-too-low', 'underpriced'] as const
const ofReads: typeof ofSends = [
  ['cut', 0.002],
  ['limited', 0.002],
  ['bad-gateway', 0.002],
  ['unfinalized', 0.01],
]

test(`${SENDS} sends by two processes on one lane, ${KILLS} kills, a node with faults: every nonce once, in order, none missing, none doubled`, {
  timeout: 600_000,
}, async () => {
  await using stack = new AsyncDisposableStack()
  const random = seededRandom(seed)
  const [database, chain, directory] = await Promise.all([
    testDatabase().then((started) => stack.use(started)),
    startChain({ chainId, blockTime: 1 }).then((started) => stack.use(started)),
    mkdtemp(join(tmpdir(), 'provider-service-lane-')),
  ])
  stack.defer(() => rm(directory, { recursive: true, force: true }))
  const plan = ({ method }: { method: string }): RpcFault | null => {
    const isSend = method === 'eth_sendRawTransaction'
    const unmet = isSend && demanded.find((fault) => !proxy.injected[fault])
    if (unmet && random() < 0.2) return unmet
    let at = random()
    for (const [fault, share] of isSend ? ofSends : ofReads) {
      at -= share
      if (at < 0) return fault
    }
    return null
  }
  const proxy: RpcProxy = stack.use(await startRpcProxy(chain.url, { plan, retryAfter: 60 }))
  const privateKey = generatePrivateKey()
  const { address } = keyFromPrivateKey(privateKey)
  await rpc(chain.url, 'anvil_setBalance', [address, numberToHex(10n ** 24n)])

  const sends = Array.from({ length: SENDS }, (_, index) => ({
    id: randomUUID(),
    to: getAddress(`0x${randomBytes(20).toString('hex')}`),
    amount: BigInt(index + 1),
  }))
  const file = join(directory, 'plan.json')
  const given: SendPlan = {
    databaseUrl: database.applicationUrl,
    rpcUrl: proxy.url,
    chainId,
    privateKey,
    inFlight: isSoak ? 100 : 64,
    submissions: sends.map(({ id, to, amount }) => ({
      ...{ idempotencyKey: id, wallet: address, chainId },
      calls: [{ to, value: String(amount), data: '0x' }],
    })),
  }
  await writeFile(file, JSON.stringify(given))

  const settled = async () => {
    const { done } = await atomically(
      database.db,
      (one) =>
        one
          .selectFrom('signer_send')
          .where('state', 'not in', ['open', 'withdrawn'])
          .select(({ fn }) => fn.countAll<bigint>().as('done'))
          .executeTakeFirstOrThrow(),
      reading,
    )
    return Number(done)
  }
  const until = async (fact: () => Promise<boolean>) => {
    for (const end = Date.now() + 500_000; !(await fact()); await pause(50))
      if (Date.now() > end) throw new Error(`The sends do not go on (SEED=${seed})`)
  }

  // one goes on all the time, the other is killed again and again; both do all of the work
  const steady = sendProcess(file)
  let mortal = sendProcess(file)
  stack.defer(() => void steady.child.kill('SIGKILL'))
  stack.defer(() => void mortal.child.kill('SIGKILL'))
  for (let kills = 0; kills < KILLS; kills++) {
    const after = Math.floor(((kills + 0.1 + random() * 0.6) / KILLS) * SENDS * 0.9)
    await until(async () => (await settled()) >= after)
    await pause(random() * 400)
    // whichever dies, the other may be anywhere
    mortal.child.kill('SIGKILL')
    await mortal.ended
    mortal = sendProcess(file)
    proxy.settings.lag = kills % 2
  }
  await pause(500)
  proxy.settings.lag = 0
  const said = await Promise.all([steady.ended, mortal.ended])
  const story = `SEED=${seed} ${JSON.stringify(proxy.injected)}\n${said.map(({ output }) => output).join('\n')}`
  expect(
    said.map(({ code }) => code),
    story,
  ).toEqual([0, 0])
  expect(story).not.toContain('halted')

  const rows = await database.db.selectFrom('signer_send').select(['id', 'nonce', 'state']).orderBy('nonce').execute()
  expect(
    rows.map(({ nonce }) => Number(nonce)),
    story,
  ).toEqual(sends.map((_, index) => index))
  expect(new Set(rows.map(({ id }) => id)), story).toEqual(new Set(sends.map(({ id }) => id)))
  expect(new Set(rows.map(({ state }) => state)), story).toEqual(new Set(['mined']))

  // the chain itself, past the proxy
  const head = Number(await rpc<Hex>(chain.url, 'eth_blockNumber'))
  const blocks = await rpcBatch(
    chain.url,
    Array.from({ length: head + 1 }, (_, block) => ({
      method: 'eth_getBlockByNumber',
      params: [numberToHex(block), true],
    })),
  )
  const mined = blocks
    .flatMap(
      (block) => resultOf<{ transactions: { from: Hex; to: Hex; nonce: Hex; value: Hex }[] }>(block).transactions,
    )
    .filter(({ from }) => getAddress(from) === address)
  expect(
    mined.map(({ nonce }) => Number(nonce)),
    story,
  ).toEqual(sends.map((_, index) => index))
  const paid = new Map(mined.map(({ to, value }) => [getAddress(to), hexToBigInt(value)]))
  expect(paid, story).toEqual(
    new Map(rows.map(({ id }) => sends.find((send) => send.id === id)!).map((s) => [s.to, s.amount])),
  )
  for (const fault of demanded) expect(proxy.injected[fault], story).toBeGreaterThan(0)
})

const script = fileURLToPath(new URL('./support/send-process.ts', import.meta.url))

function sendProcess(file: string): { child: ChildProcess; ended: Promise<{ code: number | null; output: string }> } {
  const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (output += chunk))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }))
  return { child, ended }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
