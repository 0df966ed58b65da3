import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Chain } from '../../sandbox/chain/start-chain.ts'
import { endpoints } from '../../sandbox/crossmint/endpoints.ts'
import { crossmintContract } from '../support/crossmint-contract.ts'
import { fuji, fundedWallet, payee, testChain, testCrossmint, transfer, usdc } from './world.ts'

const contract = crossmintContract()

let chain: Chain
beforeAll(async () => {
  chain = await testChain()
})
afterAll(() => chain.stop())

/** Every operation, in its good and its bad ways. */
async function useEverything(world: Awaited<ReturnType<typeof testCrossmint>>) {
  const { api } = world
  const wallet = await fundedWallet(world)
  const base = `/2025-06-09/wallets/${wallet.address}`
  const helper = privateKeyToAccount(generatePrivateKey())
  const sign = async (raw: `0x${string}`) => [
    {
      signer: `external-wallet:${wallet.owner.address}`,
      signature: await wallet.owner.signMessage({ message: { raw } }),
    },
  ]

  await api.createWallet(wallet.owner, { owner: 'userId:1' }, 'wallet-1')
  await api.createWallet(wallet.owner, { owner: 'userId:1', alias: 'spare' })
  await api.call('POST', '/2025-06-09/wallets', { chainType: 'evm', config: { adminSigner: { type: 'api-key' } } })
  await api.call('GET', base)
  await api.call('GET', '/2025-06-09/wallets/userId:nobody:evm')
  await api.call('GET', `${base}/balances?tokens=usdc,avax,${fuji}:${usdc}&chains=${fuji}`)
  await api.call('GET', `${base}/balances?tokens=nothing`)

  await wallet.ended(await wallet.pay(1n, payee, 'pay-1'))
  await wallet.pay(1n, payee, 'pay-1')
  await api.transact(wallet.address, [transfer(10n ** 12n)])
  await api.transact(wallet.address, [transfer(1n)], { chain: 'base' })
  await api.get(wallet.address, 'none')
  await world.control.inject({ mode: 'F8' })
  await wallet.ended(await wallet.pay(1n), 'failed')
  await world.control.inject({ mode: 'F7' })
  await wallet.ended(await wallet.pay(1n), 'failed')
  await api.call('GET', `${base}/transactions?page=1&perPage=5`)

  const transfers = `${base}/tokens/${fuji}:usdc/transfers`
  const sent = (await api.call('POST', transfers, { recipient: payee, amount: '1.5' }, 'send-1')).body
  await api.call('POST', `${base}/transactions/${sent.id}/approvals`, { approvals: await sign(`0x${'12'.repeat(32)}`) })
  await api.approve(wallet.address, sent.id, wallet.owner, sent.onChain.userOperationHash)
  await api.approve(wallet.address, sent.id, wallet.owner, sent.onChain.userOperationHash)
  await wallet.ended(sent.id)
  await api.call('GET', `${transfers}/${sent.id}`)
  await api.call('GET', `/unstable/wallets/${wallet.address}/transfers?chain=${fuji}&tokens=usdc&status=successful`)
  await api.call('GET', `/unstable/wallets/${wallet.address}/transfers?chain=${fuji}&tokens=usdc&status=failed`)

  const message = { type: 'message', params: { message: 'hello', chain: fuji } }
  const typedData = {
    domain: { name: 'n', version: '1', chainId: 43_113, verifyingContract: usdc },
    types: { Note: [{ name: 'text', type: 'string' }] },
    primaryType: 'Note',
    message: { text: 'hello' },
  }
  await api.call('POST', `${base}/signatures`, { type: 'typed-data', params: { typedData, chain: fuji } })
  const asked = (await api.call('POST', `${base}/signatures`, message, 'sign-1')).body
  const [pending] = asked.approvals.pending
  await api.call('POST', `${base}/signatures/${asked.id}/approvals`, { approvals: await sign(pending.message) })
  await api.call('GET', `${base}/signatures/${asked.id}`)
  await api.call('GET', `${base}/signatures?page=1&perPage=5`)

  const signer = `external-wallet:${helper.address}`
  const added = (await api.call('POST', `${base}/signers`, { signer, chain: fuji })).body.chains[fuji]
  await api.call('POST', `${base}/signatures/${added.id}/approvals`, {
    approvals: await sign(added.approvals.pending[0].message),
  })
  await api.call('GET', `${base}/signers/${signer}`)
  await api.call('DELETE', `${base}/signers/${signer}?chain=${fuji}`)
  await api.call('GET', `${base}/signers/${signer}`)

  await api.call('POST', `/v1-alpha2/wallets/${wallet.address}/balances`, { amount: 5, token: 'usdxm', chain: fuji })
  await api.call('GET', `/v1-alpha2/wallets/${wallet.address}/balances?tokens=usdxm`)
}

test('every operation of the simulator answers as the OpenAPI file of Crossmint says', async (context) => {
  if (!contract) {
    console.log('NOT RUN: CROSSMINT_OPENAPI does not name the OpenAPI file of Crossmint')
    context.skip()
    return
  }
  await using world = await testCrossmint(chain.url)
  await useEverything(world)
  const exchanges = await world.control.journal({ type: 'exchange' })

  expect(new Set(exchanges.map(({ endpoint }) => endpoint))).toEqual(new Set(endpoints.map(({ name }) => name)))
  const problems = exchanges.flatMap((exchange) =>
    contract
      .validateExchange(exchange)
      .map((problem) => `${exchange.method} ${exchange.path} ${exchange.status}: ${problem}`),
  )
  expect(problems).toEqual([])
})
