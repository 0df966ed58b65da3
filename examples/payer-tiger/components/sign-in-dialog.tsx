'use client'

import { useSignIn } from '@provider-service/client/react'
import { signer } from '@provider-service/client/wagmi'
import { type Connector, watchConnectors } from '@wagmi/core'
import { useEffect, useState } from 'react'
import { sentenceFor } from '@/lib/sentences.ts'
import { connectTo } from '@/lib/wallets.ts'
import { Dialog } from './dialog.tsx'
import { useSurroundings } from './providers.tsx'

/** Signs in with one of the browser's wallets. */
export function SignInDialog({ open, onClose }: { open: boolean; onClose(): void }) {
  const { wallets } = useSurroundings()
  const { signIn } = useSignIn()
  const [found, setFound] = useState<readonly Connector[]>([])
  const [asked, setAsked] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)

  useEffect(() => {
    setFound(wallets.connectors)
    return watchConnectors(wallets, { onChange: setFound })
  }, [wallets])

  async function signInBy(connector: Connector) {
    if (asked) return
    setAsked(connector.uid)
    setProblem(null)
    try {
      await connectTo(wallets, connector)
      await signIn(signer(wallets))
      onClose()
    } catch (error) {
      setProblem(sentenceFor(error))
    } finally {
      setAsked(null)
    }
  }

  return (
    <Dialog open={open} title="Sign in with your wallet" onClose={onClose}>
      <p className="soft small">
        Your wallet signs a sentence that says who you are. That costs nothing and moves nothing.
      </p>
      {found.length > 0 ? (
        <ul className="stack tight">
          {found.map((connector) => (
            <li key={connector.uid}>
              <button
                type="button"
                className="button button-wide button-large wallet-button"
                aria-disabled={asked !== null}
                onClick={() => signInBy(connector)}
              >
                {/* biome-ignore lint/performance/noImgElement: the wallet gives it as data, so that there is nothing to fetch */}
                {connector.icon && <img src={connector.icon} alt="" width="28" height="28" />}
                <span>{connector.name}</span>
                {asked === connector.uid && <span className="spinner" aria-hidden="true" />}
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <div className="note">
          <p className="note-title">No wallet here yet</p>
          <p>
            Install a wallet for this browser, such as MetaMask, Rabby or Core, and come back: it shows up by itself.
          </p>
        </div>
      )}
      <p role="status" className="small soft">
        {asked && 'Look at your wallet: it asks you to confirm.'}
      </p>
      {problem && (
        <div className="note note-bad" role="alert">
          {problem}
        </div>
      )}
    </Dialog>
  )
}
