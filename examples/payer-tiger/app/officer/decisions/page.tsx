import type { Metadata } from 'next'
import { Decisions } from './decisions.tsx'

export const metadata: Metadata = { title: 'Decisions' }

export default function Page() {
  return <Decisions />
}
