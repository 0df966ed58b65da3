import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: { index: 'index.ts' },
  outDir: 'dist',
  // declarations are emitted relative to its folder, and the router's types lie outside this one
  tsconfig: '../tsconfig.json',
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
      'kysely',
      'pg',
      'express',
      'zod',
      'superjson',
      'pino',
      'prom-client',
      'viem',
    ],
  },
})
