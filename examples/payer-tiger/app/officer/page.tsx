import { Reviews } from './reviews.tsx'

export default function Page() {
  return <Reviews />
}
