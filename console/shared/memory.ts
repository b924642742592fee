/* What this browser remembers of its own settings. Where it may remember nothing (private mode, site data blocked), it forgets. */

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`liftwatt.${name}`)
  } catch {
    return null
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`liftwatt.${name}`, value)
  } catch {
    // then it is asked again
  }
}

export function forget(name: string): void {
  try {
    localStorage.removeItem(`liftwatt.${name}`)
  } catch {
    // nothing is kept there
  }
}

export function rememberedNames(prefix: string): string[] {
  try {
    return Object.keys(localStorage).flatMap((key) =>
      key.startsWith(`liftwatt.${prefix}`) ? [key.slice('liftwatt.'.length)] : [],
    )
  } catch {
    return []
  }
}
