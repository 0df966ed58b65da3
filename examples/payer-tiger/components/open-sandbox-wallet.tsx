'use client'

import { useSurroundings } from './providers.tsx'

/** Opens the wallet of the sandbox, where one becomes somebody else, or goes to another network. */
export function OpenSandboxWallet() {
  const { settings } = useSurroundings()
  async function open() {
    const { installSandboxWallet } = await import('@/sandbox/wallet/install.ts')
    await installSandboxWallet(settings.chains).open()
  }
  return (
    <button type="button" className="button button-small" onClick={() => void open()}>
      Open the sandbox's wallet
    </button>
  )
}
