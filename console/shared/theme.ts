import { effect, signal } from '@preact/signals'
import { recall, remember } from './memory.ts'

export type Theme = 'dark' | 'light'

const chosen = signal<Theme | null>(themeNamed(recall('theme')))
/** Of the page that is shown, for who has chosen none: the duty room is dark, everything else is light. */
export const usualTheme = signal<Theme>('light')

export const currentTheme = () => chosen.value ?? usualTheme.value

export function setTheme(theme: Theme): void {
  chosen.value = theme
  remember('theme', theme)
}

/** Keeps `data-theme` of the document at what is chosen. */
export function applyTheme(): void {
  effect(() => {
    document.documentElement.dataset.theme = currentTheme()
  })
}

function themeNamed(name: string | null): Theme | null {
  return name === 'dark' || name === 'light' ? name : null
}
