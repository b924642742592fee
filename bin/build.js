// Builds dist/: TypeScript to JavaScript, the web app into dist/console, and the files that are read at run time beside it. Into a folder of its own first, so
// that nobody ever sees half of it. Of two builds at once both succeed, and the later one stays. While the old dist/ makes way
// for the new one there is none for an instant: a start at that moment builds its own.
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, renameSync, rmSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const built = mkdtempSync(join(root, '.dist-'))
const statuses = await Promise.all([
  run('typescript/bin/tsc', '-p', join(root, 'tsconfig.build.json'), '--outDir', built),
  run(
    ...['vite/bin/vite.js', 'build', '--config', join(root, 'console', 'vite.config.ts'), '--logLevel', 'warn'],
    ...['--outDir', join(built, 'console')],
  ),
])
if (statuses.some((status) => status !== 0)) {
  rmSync(built, { recursive: true, force: true })
  process.exit(1)
}
cpSync(join(root, 'stores/operations/migrations'), join(built, 'stores/operations/migrations'), { recursive: true })

const dist = join(root, 'dist')
const old = `${built}-old`
// The cli's age says how old all of it is.
const now = new Date()
utimesSync(join(built, 'cli', 'main.js'), now, now)
while (!putInPlace());
rmSync(old, { recursive: true, force: true })

/** A development package's command; its exit code. */
function run(command, ...given) {
  return new Promise((resolve) => {
    spawn(process.execPath, [join(root, 'node_modules', command), ...given], { stdio: 'inherit' }).once('exit', resolve)
  })
}

/** False when another build has put its own there in the meantime: then that one is taken away in its turn. */
function putInPlace() {
  rmSync(old, { recursive: true, force: true })
  try {
    renameSync(dist, old)
  } catch (cause) {
    if (cause.code !== 'ENOENT') throw cause
  }
  try {
    renameSync(built, dist)
    return true
  } catch (cause) {
    if (cause.code !== 'ENOTEMPTY' && cause.code !== 'EEXIST') throw cause
    return false
  }
}
