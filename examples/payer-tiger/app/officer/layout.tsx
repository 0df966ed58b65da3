import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { OnlyFor } from '@/components/only-for.tsx'
import '@/styles/desk.css'
import { Tabs } from './tabs.tsx'

export const metadata: Metadata = { title: { default: 'Desk', template: '%s · Desk · Payer Tiger' } }

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <OnlyFor
      roles={['officer', 'operator', 'auditor']}
      place="the compliance officer's desk"
      who="officers, operators and auditors of the shop"
    >
      <div className="desk">
        <Tabs />
        {children}
      </div>
    </OnlyFor>
  )
}
