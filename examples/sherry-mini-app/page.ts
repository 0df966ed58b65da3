import type { Hex } from 'viem'
import { type BrowserWallet, buy, load } from './buy.ts'
import { walletOfKey } from './wallet-of-key.ts'

// The page of a host: `?miniApp=URL&app=URL` says what to show and where it is unlocked. It pays with the wallet of the browser; in the
// sandbox with a development key, by `&rpc=URL&key=0x…`.

declare global {
  interface Window {
    ethereum?: BrowserWallet
  }
}

const settings = new URLSearchParams(location.search)
const [miniApp, app, rpc, key] = ['miniApp', 'app', 'rpc', 'key'].map((name) => settings.get(name))
const main = document.querySelector('main')!

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

const told = element('p', { role: 'status' })

/** Tells the person how far it is, or what went wrong. */
function tell(text: string, role: 'status' | 'alert' = 'status'): void {
  told.role = role
  told.textContent = text
}

async function show(): Promise<void> {
  if (!miniApp || !app) throw new Error('This page needs ?miniApp=URL&app=URL.')
  const wallet = window.ethereum ?? (rpc && key ? walletOfKey(key as Hex, rpc) : null)
  const { title, icon, description, actions } = await load(miniApp)
  const button = element('button', { type: 'button' }, actions[0]!.label)
  main.replaceChildren(
    element('header', {}, element('img', { src: icon, alt: '', width: 56, height: 56 }), element('h1', {}, title)),
    element('p', {}, description),
    button,
    told,
  )
  if (!wallet) return tell('There is no wallet in this browser. Install one, then load this page again.', 'alert')

  button.onclick = async () => {
    if (button.ariaDisabled) return
    button.ariaDisabled = 'true'
    tell('Look at your wallet, and wait for the chain …')
    try {
      const { claimUrl } = await buy({ miniApp, wallet, app })
      tell('It is paid. Sign in with the same wallet to unlock it.')
      button.replaceWith(element('a', { href: claimUrl }, 'Unlock it'))
    } catch (error) {
      button.ariaDisabled = null
      tell((error as Error).message, 'alert')
    }
  }
}

try {
  await show()
} catch (error) {
  main.replaceChildren(told)
  tell((error as Error).message, 'alert')
} finally {
  main.removeAttribute('aria-busy')
}
