const palettes = [
  { ground: '#f2812d', stripe: '#1d1611' },
  { ground: '#f4d9b0', stripe: '#b63e04' },
  { ground: '#20402f', stripe: '#f2812d' },
  { ground: '#1d1611', stripe: '#f2812d' },
  { ground: '#7a2906', stripe: '#f7c48a' },
  { ground: '#d9a441', stripe: '#3a1c08' },
] as const

const WIDTH = 320
const HEIGHT = 200

/** A coat of stripes, the same for the same seed: no two pieces look alike, and none needs a picture. */
export function Cover({ seed }: { seed: string }) {
  const random = numbersFrom(seed)
  const { ground, stripe } = palettes[Math.floor(random() * palettes.length)]!
  const count = 6 + Math.floor(random() * 4)
  const tilt = (random() - 0.5) * 50
  const stripes = Array.from({ length: count }, (_, index) => {
    const y = ((index + 0.5) / count) * (HEIGHT + 60) - 30 + (random() - 0.5) * 8
    const fromLeft = index % 2 === 0
    return stripePath({
      y,
      fromLeft,
      length: WIDTH * (0.45 + random() * 0.4),
      thick: 9 + random() * 11,
      sag: (random() - 0.35) * 50,
    })
  })
  return (
    <svg className="cover" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      <rect width={WIDTH} height={HEIGHT} fill={ground} />
      <g fill={stripe} transform={`rotate(${tilt.toFixed(1)} ${WIDTH / 2} ${HEIGHT / 2})`}>
        {stripes.map((path) => (
          <path key={path} d={path} />
        ))}
      </g>
    </svg>
  )
}

interface Stripe {
  y: number
  fromLeft: boolean
  length: number
  thick: number
  sag: number
}

/** Thick at the edge and pointed where it ends, as on a tiger. */
function stripePath({ y, fromLeft, length, thick, sag }: Stripe): string {
  const side = fromLeft ? 1 : -1
  const start = fromLeft ? -60 : WIDTH + 60
  const end = start + side * (length + 60)
  const bend = start + side * (length * 0.6 + 60)
  const at = (value: number) => value.toFixed(1)
  return `M${at(start)} ${at(y - thick)} Q${at(bend)} ${at(y - thick + sag)} ${at(end)} ${at(y + sag * 0.8)} Q${at(bend)} ${at(y + thick + sag)} ${at(start)} ${at(y + thick)} Z`
}

/** Numbers of 0 to 1 that follow from a text (mulberry32 over its FNV hash). */
function numbersFrom(text: string): () => number {
  let state = 2_166_136_261
  for (const character of text) state = Math.imul(state ^ character.charCodeAt(0), 16_777_619)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
