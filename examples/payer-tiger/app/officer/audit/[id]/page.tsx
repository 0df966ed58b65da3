import type { Metadata } from 'next'
import { Trail } from './trail.tsx'

export const metadata: Metadata = { title: 'A trail' }

/** What checkpoints of the service are signed with: `NAME:KEY`, several separated by commas (`provider audit keys` prints it). */
const auditKeys = (text = process.env.AUDIT_PUBLIC_KEYS ?? ''): Record<string, string> =>
  Object.fromEntries(
    text
      .split(',')
      .filter(Boolean)
      .map((entry) => entry.trim().split(':')),
  )

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <Trail id={(await params).id} keys={auditKeys()} />
}
