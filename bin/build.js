// Builds dist/: TypeScript to JavaScript, and the files that are read at run time beside it. Into a folder of its own first,
// so that two starts at once, or a start while it runs, never see half of it.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, renameSync, rmSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const built = mkdtempSync(join(root, '.dist-'))
const typescript = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const arguments_ = ['-p', join(root, 'tsconfig.build.json'), '--outDir', built]

const { status } = spawnSync(process.execPath, [typescript, ...arguments_], { stdio: 'inherit' })
if (status !== 0) {
  rmSync(built, { recursive: true, force: true })
  process.exit(1)
}
cpSync(join(root, 'stores/operations/migrations'), join(built, 'stores/operations/migrations'), { recursive: true })

const dist = join(root, 'dist')
const old = `${built}-old`
try {
  renameSync(dist, old)
} catch (cause) {
  if (cause.code !== 'ENOENT') throw cause
}
renameSync(built, dist)
rmSync(old, { recursive: true, force: true })
const now = new Date()
utimesSync(join(dist, 'cli', 'main.js'), now, now)
