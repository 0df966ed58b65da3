import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type UserConfig } from 'tsdown'
import { shortDeclarations } from './build/short-declarations.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const common: UserConfig = {
  outDir: 'dist',
  // declarations are emitted relative to its folder, and the router's types lie outside this one
  tsconfig: '../tsconfig.sdk.json',
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  fixedExtension: false,
  dts: true,
  treeshake: { moduleSideEffects: false },
  deps: {
    onlyBundle: [],
    neverBundle: [
      /^@trpc\//,
      /^@types\//,
      /^@tanstack\//,
      'react',
      'kysely',
      'pg',
      'express',
      'zod',
      'superjson',
      'pino',
      'prom-client',
      /^viem(\/|$)/,
      '@wagmi/core',
    ],
  },
}

/**
 * Sub-paths use the core by what it exports, and by what it keeps among ourselves, so that there is one of it and its declarations are
 * said once.
 */
const theCore = {
  name: 'the-core',
  resolveId(source: string) {
    const [, name] = /^\.\.\/(index|internal)\.ts$/.exec(source) ?? []
    return name === undefined ? null : { id: `./${name}.js`, external: true }
  },
}

const subPaths = ['next', 'react', 'wagmi'].filter((name) => existsSync(here(`${name}/index.ts`)))

export default defineConfig([
  { ...common, entry: { index: 'index.ts', internal: 'internal.ts' }, dts: false },
  { ...common, entry: { index: 'index.ts' }, plugins: [shortDeclarations], dts: { emitDtsOnly: true }, clean: false },
  ...subPaths.map(
    (name): UserConfig => ({ ...common, entry: { [name]: `${name}/index.ts` }, plugins: [theCore], clean: false }),
  ),
])
