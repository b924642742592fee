import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { expect, test } from 'vitest'

const { outputText } = ts.transpileModule(readFileSync(join(import.meta.dirname, 'give-way.ts'), 'utf8'), {
  compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
})

/** In a process that starts so much nicer than this one and, like most, may not take niceness back. */
async function nicenessAfter(startedNicer: number, wanted: number): Promise<number> {
  const script = `${outputText}\ngiveWay(${wanted})\nprocess.stdout.write(String(getPriority(0)))`
  const unprivileged = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534, cwd: '/' } : {}
  const given = ['-n', String(startedNicer), process.execPath, '--input-type=module', '-e', script]
  return Number((await promisify(execFile)('nice', given, unprivileged)).stdout)
}

test.runIf(process.platform === 'linux').each([
  [0, 3],
  [6, 3],
])(
  'started %i nicer and wanted %i nicer than this process, it is as nice as the greater of them',
  async (started, wanted) => {
    const own = getPriority(0)
    const most = (niceness: number) => Math.min(19, own + niceness)
    expect(await nicenessAfter(started, most(wanted))).toBe(most(Math.max(started, wanted)))
  },
)
