import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createClient } from '../../client-sdk/index.ts'
import { mintUsdc } from '../../sandbox/chain/deploy-contracts.ts'
import { readTransfers } from '../../sandbox/chain/read-transfers.ts'
import { startService } from '../../sandbox/service.ts'
import { sandboxSecrets } from '../../server/sandbox-secrets.ts'
import { eventually } from '../support/eventually.ts'
import { USDC } from '../support/world.ts'
import { type Dependency, outsideWorld } from './support/outside-world.ts'

const walletsInUse = 6

test('database, chain and Crossmint are killed while payments flow: the service stays up, says so, and settles all once', {
  timeout: 120_000,
}, async () => {
  await using world = await outsideWorld()
  await using service = await startService(world.environment)
  let hasEnded = false
  void service.ended.then(() => {
    hasEnded = true
  })
  const operator = createClient({ url: service.url, apiKey: sandboxSecrets.operatorKey })
  const { id: appId } = await operator.apps.create.mutate({ name: 'test', idempotencyKey: randomUUID() })
  const key = await operator.apiKeys.create.mutate({ appId, name: 'test', idempotencyKey: randomUUID() })
  const client = createClient({ url: service.url, apiKey: key.secret! })
  const asset = await operator.assets.register.mutate({ chainId: 43_113, address: world.contracts.usdc })
  const paywall = await client.paywalls.create.mutate({
    title: 'A test',
    assetId: asset.id,
    price: USDC,
    recipient: '0x90F79bf6EB2c4f870365E785982E1f101E93b906',
    idempotencyKey: randomUUID(),
  })
  const wallets = await Promise.all(
    Array.from({ length: walletsInUse }, () => client.wallets.create.mutate({ owner: randomUUID() })),
  )
  await mintUsdc(world.chainUrl, ...wallets.map(({ address }) => ({ to: address, amount: 1_000n * USDC })))
  const accepted: { id: string; payer: string }[] = []

  const ready = async () => {
    const response = await fetch(`${service.url}/health/ready`)
    const { checks } = (await response.json()) as { checks: { name: string; ready: boolean }[] }
    return { status: response.status, down: checks.filter((check) => !check.ready).map(({ name }) => name) }
  }

  /** Every wallet pays one payment after the other, each with one key however often it must be asked, until told to end. */
  function flow() {
    let goesOn = true
    const clients = wallets.map(async ({ id: walletId }) => {
      while (goesOn) {
        const input = { paywallId: paywall.id, walletId, idempotencyKey: randomUUID() }
        const payment = await eventually(() => client.payments.create.mutate(input), 40_000)
        accepted.push(payment)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    })
    return async () => {
      goesOn = false
      await Promise.all(clients)
    }
  }

  async function outage({ name, kill, restart }: Dependency) {
    const before = accepted.length
    const end = flow()
    await eventually(() => expect(accepted.length).toBeGreaterThan(before + walletsInUse))
    await kill()
    await eventually(async () => expect(await ready()).toEqual({ status: 503, down: [name] }))
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200)
    await restart()
    await eventually(async () => expect(await ready()).toEqual({ status: 200, down: [] }))
    const atReturn = accepted.length
    await eventually(() => expect(accepted.length).toBeGreaterThan(atReturn + walletsInUse))
    await end()
    await eventually(async () => expect(await unsettled()).toEqual([]), 40_000)
  }

  async function unsettled(): Promise<string[]> {
    const states = ['accepted', 'submitted', 'attention', 'failed', 'refused'] as const
    const pages = await Promise.all(states.map((state) => client.payments.list.query({ state, limit: 100 })))
    return pages.flatMap(({ items }) => items.map(({ id, state }) => `${id} ${state}`))
  }

  for (const dependency of world.dependencies) await outage(dependency)

  expect(hasEnded).toBe(false)
  const transfers = await readTransfers(world.chainUrl, world.contracts.usdc)
  for (const { address } of wallets) {
    const paid = transfers.filter(({ from }) => from === address).length
    expect(paid).toBe(accepted.filter(({ payer }) => payer === address).length)
  }
  const metrics = await (await fetch(`${service.url}/metrics`)).text()
  expect(metrics).toContain('payments{state="attention"} 0\n')
})
