const shown = 8

/** "2026-Q4" and those before it, newest first. @param date "2026-11-30" */
export function lastQuarters(date: string): string[] {
  const index = Number(date.slice(0, 4)) * 4 + Math.floor((Number(date.slice(5, 7)) - 1) / 3)
  return Array.from({ length: shown }, (_, back) => `${Math.floor((index - back) / 4)}-Q${((index - back) % 4) + 1}`)
}
