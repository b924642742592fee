#!/usr/bin/env node
// Starts what is built in dist/, and builds it first where that is missing or older than the sources.
// No new syntax here: an older Node must get as far as the sentence of the first import.
import './check-machine.js'
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const entry = join(root, 'dist', 'cli', 'main.js')
const notSources = new Set(['node_modules', 'dist', 'data', 'docs', 'test', '.git', '.cache'])

function newestSource(folder) {
  let newest = 0
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    if (notSources.has(item.name) || item.name.startsWith('.dist-')) continue
    const path = join(folder, item.name)
    if (item.isDirectory()) newest = Math.max(newest, newestSource(path))
    else if (/\.(tsx?|sql|css|html|svg|webmanifest)$/.test(item.name) && !/\.test\.tsx?$/.test(item.name))
      newest = Math.max(newest, statSync(path).mtimeMs)
  }
  return newest
}

const canBuild = existsSync(join(root, 'tsconfig.build.json')) && existsSync(join(root, 'node_modules', 'typescript'))
if (!existsSync(entry) || (canBuild && newestSource(root) > statSync(entry).mtimeMs)) {
  if (!canBuild) {
    console.error('dist/ is missing and cannot be built here: run "npm ci && npm run build" first.')
    process.exit(1)
  }
  try {
    accessSync(root, constants.W_OK)
  } catch (cause) {
    console.error(
      `dist/ is missing, older than the sources or not readable to you, and you may not write in ${root} (${cause.code}): run "npm run build" there as the account that it is of.`,
    )
    process.exit(1)
  }
  console.error('Building, once: about half a minute')
  const built = spawnSync(process.execPath, [join(root, 'bin', 'build.js')], { stdio: ['ignore', 2, 2] })
  if (built.status !== 0) process.exit(1)
}
await import(pathToFileURL(entry))
