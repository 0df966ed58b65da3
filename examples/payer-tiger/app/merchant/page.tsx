import type { Metadata } from 'next'
import { OnlyFor } from '@/components/only-for.tsx'
import '@/styles/desk.css'
import { Shop } from './shop.tsx'

export const metadata: Metadata = { title: 'Sell' }

export default function Page() {
  return (
    <OnlyFor roles={['merchant']} place="the merchant's room" who="people who sell here">
      <Shop />
    </OnlyFor>
  )
}
