'use client'

import type { Role } from '@provider-service/client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ComponentType } from 'react'
import { BookIcon, ReceiptIcon, ShieldIcon, ShopIcon, WalletIcon } from './icons.tsx'
import { useSurroundings } from './providers.tsx'

interface Place {
  href: string
  name: string
  Icon: ComponentType
  /** Who finds it in the navigation; the service decides who may do what there. */
  for?: readonly Role[]
}

const places: Place[] = [
  { href: '/', name: 'Library', Icon: BookIcon },
  { href: '/wallet', name: 'Wallet', Icon: WalletIcon },
  { href: '/receipts', name: 'Receipts', Icon: ReceiptIcon },
  { href: '/merchant', name: 'Sell', Icon: ShopIcon, for: ['merchant'] },
  { href: '/officer', name: 'Desk', Icon: ShieldIcon, for: ['officer', 'auditor'] },
]

export function Nav() {
  const { user } = useSurroundings()
  const roles = user?.roles ?? []
  const path = usePathname()
  const here = (href: string) =>
    href === '/' ? path === '/' || path.startsWith('/paywalls/') : path === href || path.startsWith(`${href}/`)
  return (
    <nav className="nav" aria-label="Main">
      <ul>
        {places
          .filter((place) => !place.for || place.for.some((role) => roles.includes(role)))
          .map(({ href, name, Icon }) => (
            <li key={href}>
              <Link href={href} aria-current={here(href) ? 'page' : undefined}>
                <Icon />
                {name}
              </Link>
            </li>
          ))}
      </ul>
    </nav>
  )
}
