import type { Role, User } from '@provider-service/client'
import type { ReactNode } from 'react'
import { currentUser } from '@/lib/session.ts'
import { publicSettings } from '@/lib/settings.ts'
import { short } from '@/lib/words.ts'
import { SignInButton } from './account.tsx'
import { ShieldIcon } from './icons.tsx'

/**
 * Shows a page to people with one of these roles, and tells everybody else whose it is. It keeps nobody from anything: what may be read and done
 * is the service's to say.
 */
export async function OnlyFor({
  roles,
  place,
  who,
  children,
}: {
  roles: readonly Role[]
  /** Such as `the merchant's room`. */
  place: string
  /** Such as `merchants`. */
  who: string
  children: ReactNode
}) {
  const user = await currentUser()
  if (user && roles.some((role) => user.roles.includes(role))) return children
  return (
    <div className="empty">
      <span className="empty-art" aria-hidden="true">
        <ShieldIcon />
      </span>
      <h1>This is {place}</h1>
      {user ? (
        <p>
          It is for {who}. You are signed in as <span className="mono">{short(user.address)}</span>, who is{' '}
          {rolesOf(user)} here. An operator of the shop can ask that you become more, and another one decides.
        </p>
      ) : (
        <p>It is for {who}. Sign in with the wallet that the shop knows you by.</p>
      )}
      {publicSettings().sandbox && (
        <p className="small">
          In this sandbox there is somebody for it: {user ? 'sign out and ' : ''}sign in as <strong>{roles[0]}</strong>.
        </p>
      )}
      {!user && <SignInButton />}
    </div>
  )
}

function rolesOf({ roles }: User): string {
  const granted = roles.filter((role) => role !== 'user')
  return granted.length === 0
    ? 'a reader'
    : granted.map((role) => (/^[aeiou]/.test(role) ? `an ${role}` : `a ${role}`)).join(' and ')
}
