import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const platforms: Record<string, string> = { linux: 'linux', darwin: 'darwin', win32: 'win32' }
const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64' }

/**
 * Where npm put the anvil program of this machine. It is started directly, without its JavaScript wrapper, so that the process id is
 * the program's own and stopping it leaves nothing behind.
 */
export function anvilBinary(): string {
  const name = `@foundry-rs/anvil-${platforms[process.platform]}-${architectures[process.arch]}`
  // the package of the platform is a dependency of the wrapper, not ours
  const wrapper = createRequire(import.meta.resolve('@foundry-rs/anvil/package.json'))
  try {
    const manifest = wrapper.resolve(`${name}/package.json`)
    return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil')
  } catch (cause) {
    throw new Error(
      `anvil is not installed for this machine: npm has no ${name}. Run npm ci with optional dependencies.`,
      {
        cause,
      },
    )
  }
}
