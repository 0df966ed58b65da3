/**
 * Every procedure's type is written out with the same words: they are said once. `import("@trpc/server")` in the middle of a type stands
 * for a name that is imported anyway.
 */
export const shortDeclarations = {
  name: 'short-declarations',
  renderChunk: {
    order: 'post' as const,
    handler(code: string, { fileName }: { fileName: string }) {
      if (!fileName.endsWith('.d.ts')) return null
      const names = new Set<string>()
      const body = code
        .replaceAll(/import\("@trpc\/server"\)\.(\w+)/g, (_, name: string) => {
          names.add(name)
          return name
        })
        .replaceAll(
          /TRPC(Query|Mutation)Procedure<\{\n(\s+input: [\s\S]*?)\n\s+meta: Meta;\n\s+errorShape: TRPCDefaultErrorShape;\n(\s*)\}>/g,
          '$1<{\n$2\n$3}>',
        )
      if (names.size === 0) return null
      const aliases = ['Query', 'Mutation'].map(
        (kind) =>
          `type ${kind}<Said extends { input: unknown; output: unknown }> = TRPC${kind}Procedure<Said & { meta: Meta; errorShape: TRPCDefaultErrorShape }>;\n`,
      )
      return `import type { ${[...names].sort().join(', ')} } from "@trpc/server";\n${body.replace(/(?=\nexport \{)/, `\n${aliases.join('')}`)}`
    },
  },
}
