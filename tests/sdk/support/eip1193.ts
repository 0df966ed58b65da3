import { EventEmitter } from 'node:events'
import { type Hex, hexToString, numberToHex } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import { rpc } from '../../../sandbox/chain/rpc.ts'

/** What a wallet says no with. */
interface Refusal {
  code: number
  message: string
}

/** A wallet as a browser has it, in front of real chains: signs with keys of its own, and says no when it is told to. */
export class Wallet extends EventEmitter {
  /** The chains that it knows, by id: where each answers. */
  readonly chains: Map<number, string>
  /** What it was asked, in order. */
  readonly asked: { method: string; params: unknown }[] = []
  /** What it says no to from now on, by method. */
  readonly refusals = new Map<string, Refusal>()
  chainId: number
  accounts: PrivateKeyAccount[]

  constructor(accounts: PrivateKeyAccount[], chains: Record<number, string>) {
    super()
    this.accounts = accounts
    this.chains = new Map(Object.entries(chains).map(([id, url]) => [Number(id), url]))
    this.chainId = Number(Object.keys(chains)[0])
  }

  /** The person chooses an account. */
  choose(account: PrivateKeyAccount): void {
    this.accounts = [account, ...this.accounts.filter((other) => other !== account)]
    this.emit('accountsChanged', this.#addresses())
  }

  /** The person takes the page's permission back. */
  lock(): void {
    this.accounts = []
    this.emit('accountsChanged', [])
  }

  readonly request = async ({ method, params = [] }: { method: string; params?: unknown }): Promise<unknown> => {
    this.asked.push({ method, params })
    const refusal = this.refusals.get(method)
    if (refusal) throw Object.assign(new Error(refusal.message), { code: refusal.code })
    const [first, second] = params as [unknown, unknown]
    switch (method) {
      case 'eth_accounts':
      case 'eth_requestAccounts':
        return this.#addresses()
      case 'wallet_requestPermissions':
        return [{ caveats: [{ value: this.#addresses() }] }]
      case 'wallet_revokePermissions':
        return null
      case 'eth_chainId':
        return numberToHex(this.chainId)
      case 'wallet_switchEthereumChain':
        return this.#change(Number((first as { chainId: Hex }).chainId))
      case 'wallet_addEthereumChain': {
        const { chainId, rpcUrls } = first as { chainId: Hex; rpcUrls: string[] }
        this.chains.set(Number(chainId), rpcUrls[0]!)
        return this.#change(Number(chainId))
      }
      case 'personal_sign':
        return this.#accountOf(second as string).signMessage({ message: hexToString(first as Hex) })
      case 'eth_sendTransaction':
        return this.#send(first as { from: string; to: Hex; data?: Hex; value?: Hex })
      default:
        return rpc(this.chains.get(this.chainId)!, method, params as unknown[])
    }
  }

  #addresses = () => this.accounts.map(({ address }) => address)

  #accountOf(address: string): PrivateKeyAccount {
    const account = this.accounts.find((one) => one.address.toLowerCase() === address.toLowerCase())
    if (!account) throw Object.assign(new Error('This account is not connected'), { code: 4100 })
    return account
  }

  #change(chainId: number): null {
    if (!this.chains.has(chainId)) throw Object.assign(new Error('Unrecognized chain'), { code: 4902 })
    this.chainId = chainId
    this.emit('chainChanged', numberToHex(chainId))
    return null
  }

  async #send({ from, to, data, value = '0x0' }: { from: string; to: Hex; data?: Hex; value?: Hex }): Promise<Hex> {
    const account = this.#accountOf(from)
    const url = this.chains.get(this.chainId)!
    const [nonce, gas] = await Promise.all([
      rpc<Hex>(url, 'eth_getTransactionCount', [account.address, 'pending']),
      rpc<Hex>(url, 'eth_estimateGas', [{ from: account.address, to, data, value }]),
    ])
    const signed = await account.signTransaction({
      chainId: this.chainId,
      nonce: Number(nonce),
      gas: (BigInt(gas) * 12n) / 10n,
      maxFeePerGas: 10n ** 11n,
      maxPriorityFeePerGas: 10n ** 9n,
      to,
      ...(data && { data }),
      value: BigInt(value),
    })
    return rpc<Hex>(url, 'eth_sendRawTransaction', [signed])
  }
}
