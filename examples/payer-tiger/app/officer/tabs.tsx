'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'

const places = [
  { href: '/officer', name: 'Reviews' },
  { href: '/officer/approvals', name: 'Approvals' },
  { href: '/officer/lists', name: 'Lists' },
  { href: '/officer/decisions', name: 'Decisions' },
  { href: '/officer/audit', name: 'Audit' },
]

/** The places on the desk. */
export function Tabs() {
  const path = usePathname()
  const here = (href: string) => path === href || (href !== '/officer' && path.startsWith(`${href}/`))
  return (
    <nav className="tabs" aria-label="Desk">
      <ul>
        {places.map(({ href, name }) => (
          <li key={href}>
            <Link href={href} aria-current={here(href) ? 'page' : undefined}>
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
