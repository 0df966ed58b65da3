'use client'

import { useSignOut } from '@provider-service/client/react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { sentenceFor } from '@/lib/sentences.ts'
import { useSurroundings } from './providers.tsx'
import { SignInDialog } from './sign-in-dialog.tsx'

/** Who is signed in, and how to change that. */
export function Account() {
  const { user } = useSurroundings()
  return user ? <AccountMenu address={user.address} roles={user.roles} /> : <SignInButton />
}

/** Opens the dialog to sign in. */
export function SignInButton({
  className = 'button button-primary',
  children = 'Sign in',
}: {
  className?: string
  children?: ReactNode
}) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" className={className} onClick={() => setOpen(true)}>
        {children}
      </button>
      <SignInDialog open={open} onClose={() => setOpen(false)} />
    </>
  )
}

function AccountMenu({ address, roles }: { address: string; roles: readonly string[] }) {
  const { signOut, isPending, error } = useSignOut()
  const [open, setOpen] = useState(false)
  const menu = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)

  useEffect(() => {
    if (!open) return
    const outside = ({ target }: Event) => {
      if (!menu.current?.contains(target as Node)) setOpen(false)
    }
    const onKey = ({ key }: KeyboardEvent) => {
      if (key !== 'Escape') return
      setOpen(false)
      button.current?.focus()
    }
    document.addEventListener('pointerdown', outside)
    document.addEventListener('focusin', outside)
    document.addEventListener('keydown', onKey)
    return () => {
      document.removeEventListener('pointerdown', outside)
      document.removeEventListener('focusin', outside)
      document.removeEventListener('keydown', onKey)
    }
  }, [open])

  return (
    <div className="menu" ref={menu}>
      <button ref={button} type="button" className="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="account-dot" aria-hidden="true" />
        <span className="visually-hidden">Account </span>
        <span className="mono">
          <span className="wide-only">{address.slice(0, 6)}</span>…{address.slice(-4)}
        </span>
      </button>
      {open && (
        <div className="menu-panel stack">
          <div>
            <p className="eyebrow">Signed in as</p>
            <p className="mono small break">{address}</p>
          </div>
          <p className="row tight">
            {roles.map((role) => (
              <span key={role} className="badge">
                {role}
              </span>
            ))}
          </p>
          <button
            type="button"
            className="button button-wide"
            aria-disabled={isPending}
            onClick={() => void signOut().catch(() => {})}
          >
            {isPending ? 'Signing out …' : 'Sign out'}
          </button>
          {error && (
            <p className="note note-bad" role="alert">
              {sentenceFor(error)}
            </p>
          )}
        </div>
      )}
    </div>
  )
}
