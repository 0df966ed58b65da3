import {
  createWalletClient,
  decodeFunctionData,
  defineChain,
  erc20Abi,
  formatEther,
  getAbiItem,
  type Hex,
  http,
  isHex,
  toHex,
} from 'viem'
import type { ChainSetting } from '@/lib/settings.ts'
import { accountOf, accounts, isAccount } from './accounts.ts'
import { ask } from './dialog.ts'
import { onStateOfOthers, readState, type WalletState, writeState } from './state.ts'

/** An error as wallets throw it (EIP-1193). */
class WalletError extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

const rejected = () => new WalletError(4001, 'User rejected the request.')

/** Where it can be set to be, to see what the app does then: a chain that nobody pays on here. */
const elsewhere = { id: 1, name: 'Another network' }

type Listener = (...args: never[]) => void
type Request = { method: string; params?: readonly unknown[] }

/** A wallet with the keys of the sandbox's people, as pages see it (EIP-1193). It does nothing before somebody has said yes. */
export class SandboxWallet {
  readonly #chains: readonly ChainSetting[]
  readonly #listeners = new Map<string, Set<Listener>>()
  #state: WalletState

  constructor(chains: readonly ChainSetting[]) {
    this.#chains = chains
    this.#state = readState(chains[0]!.id)
    onStateOfOthers(() => this.#become(readState(chains[0]!.id), { keep: false }))
  }

  get state(): WalletState {
    return this.#state
  }

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(listener))
    return this
  }

  removeListener(event: string, listener: Listener): this {
    this.#listeners.get(event)?.delete(listener)
    return this
  }

  async request({ method, params = [] }: Request): Promise<unknown> {
    switch (method) {
      case 'eth_chainId':
        return toHex(this.#state.chainId)
      case 'net_version':
        return String(this.#state.chainId)
      case 'eth_accounts':
        return this.#addresses()
      case 'eth_requestAccounts':
        return this.#connect()
      case 'wallet_requestPermissions':
        await this.#connect()
        return [{ parentCapability: 'eth_accounts' }]
      case 'wallet_revokePermissions':
        return this.#become({ ...this.#state, connected: false })
      case 'wallet_switchEthereumChain':
        return this.#switch(Number((params[0] as { chainId: Hex }).chainId))
      case 'personal_sign':
        return this.#sign(params[0] as Hex)
      case 'eth_sendTransaction':
        return this.#send(params[0] as Transaction)
      default:
        if (/^(wallet_|personal_|eth_sign)/.test(method)) throw new WalletError(4200, `This wallet has no ${method}.`)
        return this.#ask({ method, params })
    }
  }

  /** Its own page: whose keys it uses, and on which chain it is. */
  async open(): Promise<void> {
    const { account, chainId } = this.#state
    const answer = await ask({
      title: 'Who are you here?',
      facts: [['Address', accountOf(account).address]],
      yes: 'Use it',
      choices: [this.#accountChoice(), this.#chainChoice()],
    })
    const [name, chain] = answer ?? [account, String(chainId)]
    if (isAccount(name)) this.#become({ ...this.#state, account: name, chainId: Number(chain) })
  }

  async #connect(): Promise<string[]> {
    if (this.#state.connected) return this.#addresses()
    const answer = await ask({
      title: 'Connect to this page?',
      facts: [['Page', location.host]],
      yes: 'Connect',
      choices: [this.#accountChoice(), this.#chainChoice()],
    })
    const [name, chain] = answer ?? []
    if (!isAccount(name)) throw rejected()
    this.#become({ account: name, chainId: Number(chain), connected: true })
    return this.#addresses()
  }

  async #switch(chainId: number): Promise<null> {
    if (chainId === this.#state.chainId) return null
    const chain = this.#chains.find(({ id }) => id === chainId)
    if (!chain) throw new WalletError(4902, 'This wallet does not know that chain.')
    const facts: [string, string][] = [
      ['From', this.#chainName()],
      ['To', chain.name],
    ]
    if (!(await ask({ title: 'Switch the network?', facts, yes: 'Switch' }))) throw rejected()
    this.#become({ ...this.#state, chainId })
    return null
  }

  async #sign(message: Hex): Promise<Hex> {
    const account = this.#account()
    const text = isHex(message) ? new TextDecoder().decode(bytesOf(message)) : message
    const facts: [string, string][] = [['Account', this.#state.account]]
    if (!(await ask({ title: 'Sign this message?', facts, text, yes: 'Sign' }))) throw rejected()
    return account.signMessage({ message: isHex(message) ? { raw: message } : message })
  }

  async #send({ to, data, value }: Transaction): Promise<Hex> {
    const account = this.#account()
    const setting = this.#chains.find(({ id }) => id === this.#state.chainId)
    if (!setting) throw new WalletError(4901, 'This wallet is on another network.')
    const facts: [string, string][] = [
      ['Account', this.#state.account],
      ['Network', setting.name],
      ...factsOf({ to, data, value }, setting),
    ]
    const asked = { title: 'Send this transaction?', facts, ...(data && { text: data }), yes: 'Send' }
    if (!(await ask(asked))) throw rejected()
    const client = createWalletClient({
      account,
      chain: defineChain({
        id: setting.id,
        name: setting.name,
        nativeCurrency: { name: setting.coin, symbol: setting.coin, decimals: 18 },
        rpcUrls: { default: { http: [setting.rpcUrl] } },
      }),
      transport: http(setting.rpcUrl),
    })
    return client.sendTransaction({ to, ...(data && { data }), ...(value && { value: BigInt(value) }) })
  }

  /** What is no business of the wallet is the chain's. */
  async #ask({ method, params }: Request): Promise<unknown> {
    const setting = this.#chains.find(({ id }) => id === this.#state.chainId)
    if (!setting) throw new WalletError(4901, 'This wallet is on another network.')
    const response = await fetch(setting.rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const { result, error } = (await response.json()) as { result?: unknown; error?: { code: number; message: string } }
    if (error) throw new WalletError(error.code, error.message)
    return result
  }

  #account() {
    if (!this.#state.connected) throw new WalletError(4100, 'This page is not connected.')
    return accountOf(this.#state.account)
  }

  #addresses(): string[] {
    return this.#state.connected ? [accountOf(this.#state.account).address] : []
  }

  #chainName(): string {
    return (
      [...this.#chains, elsewhere].find(({ id }) => id === this.#state.chainId)?.name ?? String(this.#state.chainId)
    )
  }

  #accountChoice() {
    const options = Object.keys(accounts).map((name) => ({ value: name, name }))
    return { label: 'Account', options, chosen: this.#state.account }
  }

  #chainChoice() {
    const options = [...this.#chains, elsewhere].map(({ id, name }) => ({ value: String(id), name }))
    return { label: 'Network', options, chosen: String(this.#state.chainId) }
  }

  #become(state: WalletState, { keep = true } = {}): null {
    const before = this.#state
    this.#state = state
    if (keep) writeState(state)
    if (state.account !== before.account || state.connected !== before.connected)
      this.#tell('accountsChanged', this.#addresses())
    if (state.chainId !== before.chainId) this.#tell('chainChanged', toHex(state.chainId))
    return null
  }

  #tell(event: string, data: unknown): void {
    for (const listener of this.#listeners.get(event) ?? []) (listener as (data: unknown) => void)(data)
  }
}

interface Transaction {
  to: Hex
  data?: Hex
  value?: Hex
}

/** What a transaction does, as far as it can be read from it. */
function factsOf({ to, data, value }: Transaction, { coin }: ChainSetting): [string, string][] {
  const facts: [string, string][] = [['Contract', to]]
  if (value && BigInt(value) > 0n) facts.push(['Value', `${formatEther(BigInt(value))} ${coin}`])
  try {
    const { functionName, args } = decodeFunctionData({ abi: erc20Abi, data: data ?? '0x' })
    const { inputs } = getAbiItem({ abi: erc20Abi, name: functionName })
    facts.push(['Does', functionName], ...inputs.map(({ name }, at): [string, string] => [name, String(args?.[at])]))
  } catch {
    // no token's: the data is shown as it is
  }
  return facts
}

const bytesOf = (hex: Hex) => Uint8Array.from(hex.slice(2).match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
