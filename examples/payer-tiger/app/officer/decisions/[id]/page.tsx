import type { Metadata } from 'next'
import { Explained } from './explained.tsx'

export const metadata: Metadata = { title: 'A decision' }

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <Explained id={(await params).id} />
}
