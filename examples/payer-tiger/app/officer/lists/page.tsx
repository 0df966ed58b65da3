import type { Metadata } from 'next'
import { Lists } from './lists.tsx'

export const metadata: Metadata = { title: 'Lists' }

export default function Page() {
  return <Lists />
}
