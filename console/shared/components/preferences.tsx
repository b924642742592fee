import { language, setLanguage } from '../language.ts'
import { currentTheme, setTheme } from '../theme.ts'
import { words } from '../words.ts'
import { Button } from './button.tsx'

/** The other language, the other theme. */
export function Preferences() {
  const say = words()
  const isDark = currentTheme() === 'dark'
  return (
    <span class="preferences">
      <Button look="link" onClick={() => setLanguage(language.value === 'en' ? 'zh-CN' : 'en')}>
        <span lang={language.value === 'en' ? 'zh-CN' : 'en'}>{say.otherLanguage}</span>
      </Button>
      <Button look="link" onClick={() => setTheme(isDark ? 'light' : 'dark')}>
        {isDark ? say.toLight : say.toDark}
      </Button>
    </span>
  )
}
