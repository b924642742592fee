// Builds dist/: TypeScript to JavaScript, the web app into dist/console, and the files that are read at run time beside it. Into a folder of its own first, so
// that nobody ever sees half of it. Of two builds at once both succeed, and the later one stays. While the old dist/ makes way
// for the new one there is none for an instant: a start at that moment builds its own.
import { spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
removeLeftOver()
const running = new Set()
// interrupted, it goes the way of a build that fails: by itself, without its folder
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of running) child.kill()
  })
}
const built = mkdtempSync(join(root, '.dist-'))
const statuses = await Promise.all([
  // types are for `npm run typecheck`: to look at them here, too, takes four times as long
  run('typescript/bin/tsc', '-p', join(root, 'tsconfig.build.json'), '--noCheck', '--outDir', built),
  run(
    ...['vite/bin/vite.js', 'build', '--config', join(root, 'console', 'vite.config.ts'), '--logLevel', 'warn'],
    ...['--outDir', join(built, 'console')],
  ),
])
if (statuses.some((status) => status !== 0)) {
  rmSync(built, { recursive: true, force: true })
  if (/[#?]/.test(root)) console.error(`Vite cannot build where "#" or "?" is in the path: move ${root}`)
  process.exit(1)
}
for (const folder of ['stores/operations/migrations', 'docs/runbooks']) {
  cpSync(join(root, folder), join(built, folder), { recursive: true })
}

const dist = join(root, 'dist')
const old = `${built}-old`
// The cli's age says how old all of it is.
const now = new Date()
utimesSync(join(built, 'cli', 'main.js'), now, now)
chmodSync(built, 0o777 & ~process.umask()) // `mkdtemp` makes it for one account alone, and others start it too
while (!putInPlace());
rmSync(old, { recursive: true, force: true })

/** A development package's command; its exit code. */
function run(command, ...given) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', command), ...given], { stdio: 'inherit' })
    running.add(child)
    child.once('exit', (code) => {
      running.delete(child)
      resolve(code)
    })
  })
}

/** Of builds that were killed outright. One that still runs is not so old. */
function removeLeftOver() {
  const anHourAgo = Date.now() - 3_600_000
  for (const name of readdirSync(root)) {
    if (!name.startsWith('.dist-')) continue
    const made = statSync(join(root, name), { throwIfNoEntry: false })?.mtimeMs ?? anHourAgo
    if (made < anHourAgo) rmSync(join(root, name), { recursive: true, force: true })
  }
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
