import type { Metadata } from 'next'
import { Search } from './search.tsx'

export const metadata: Metadata = { title: 'Audit' }

export default function Page() {
  return <Search />
}
