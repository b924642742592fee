import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import PDFDocument from 'pdfkit'

/** A4 in points, and what of it is written on. */
const height = 841.89
export const left = 48
export const wide = 595.28 - 2 * left
const top = 64
const bottom = height - 56

export const ink = {
  text: '#1b1f24',
  soft: '#5c6670',
  line: '#d0d4da',
  faint: '#f3f5f7',
  accent: '#0b57d0',
  band: '#a8c7fa',
}

export type Weight = 'regular' | 'bold'

export interface Style {
  readonly size: number
  readonly weight?: Weight
  readonly colour?: string
  readonly align?: 'left' | 'right' | 'center'
}

export interface PaperOptions {
  readonly title: string
  readonly language: string
  /** Of the document, ms since 1970: it knows no other time, so that the same report has the same bytes. */
  readonly at: number
  /** At the top of every page but the first. */
  readonly header: string
  /** At the foot of every page. */
  readonly footer: string
  readonly pageText: (page: number, of: number) => string
}

const files: Readonly<Record<Weight, string>> = { regular: 'NotoSansHans-Regular.otf', bold: 'NotoSansHans-Bold.otf' }

/** Noto Sans Hans (SIL Open Font Licence), of which a document holds only the characters that it needs. */
function fontFile(weight: Weight): Buffer {
  const module = createRequire(import.meta.url).resolve('@embedpdf/fonts-sc')
  return readFileSync(join(module, '..', '..', 'fonts', files[weight]))
}

/** Pages that are written from top to bottom, with a new one where the next piece does not fit. */
export class Paper {
  readonly pdf: PDFKit.PDFDocument
  y = top
  readonly #options: PaperOptions

  constructor(options: PaperOptions) {
    this.#options = options
    const date = new Date(options.at)
    const { title, language } = options
    this.pdf = new PDFDocument({
      ...{ size: 'A4', margin: 0, bufferPages: true, pdfVersion: '1.7', lang: language, displayTitle: true },
      info: { Title: title, Creator: 'Liftwatt', Producer: 'Liftwatt', CreationDate: date, ModDate: date },
    })
    for (const weight of ['regular', 'bold'] as const) this.pdf.registerFont(weight, fontFile(weight))
  }

  /** Room for so much, on this page or the next. Answers whether the page was turned. */
  room(points: number): boolean {
    if (this.y + points <= bottom || this.y === top) return false
    this.turn()
    return true
  }

  turn(): void {
    this.pdf.addPage()
    this.y = top
  }

  heightOf(text: string, width: number, style: Style): number {
    return this.#set(style).heightOfString(this.#setable(text), { width })
  }

  widthOf(text: string, style: Style): number {
    return this.#set(style).widthOfString(this.#setable(text))
  }

  /** At a place of its own; what is written in the flow goes on where it was. */
  put(text: string, x: number, y: number, width: number, style: Style): void {
    const { colour = ink.text, align = 'left' } = style
    this.#set(style).fillColor(colour).text(this.#setable(text), x, y, { width, align })
  }

  /** One line of it, cut where there is no more room. */
  putLine(text: string, x: number, y: number, width: number, style: Style): void {
    let shown = text
    while (shown !== '' && this.widthOf(shown === text ? text : `${shown}…`, style) > width) {
      shown = [...shown].slice(0, -1).join('')
    }
    this.put(shown === text ? text : `${shown}…`, x, y, width + 1, style)
  }

  paragraph(text: string, style: Style = { size: 10 }, space = 6): void {
    const tall = this.heightOf(text, wide, style)
    this.room(tall)
    this.put(text, left, this.y, wide, style)
    this.y += tall + space
  }

  /** @param keep so much of what follows stays on its page */
  heading(text: string, keep = 80): void {
    const style: Style = { size: 15, weight: 'bold' }
    const before = this.y === top ? 0 : 14
    this.room(before + 26 + keep)
    if (this.y !== top) this.y += before
    this.put(text, left, this.y, wide, style)
    this.y += 28
  }

  line(x1: number, y1: number, x2: number, y2: number, colour: string, thick = 0.5): void {
    this.pdf.moveTo(x1, y1).lineTo(x2, y2).lineWidth(thick).strokeColor(colour).stroke()
  }

  box(x: number, y: number, width: number, tall: number, colour: string): void {
    this.pdf.rect(x, y, width, tall).fill(colour)
  }

  /** The bytes, once every page has its number. */
  async end(): Promise<Uint8Array> {
    const { pdf } = this
    const { header, footer, pageText } = this.#options
    const { count } = pdf.bufferedPageRange()
    const small: Style = { size: 8, colour: ink.soft }
    for (let page = 0; page < count; page++) {
      pdf.switchToPage(page)
      if (page > 0) {
        this.putLine(header, left, 30, wide, small)
        this.line(left, 48, left + wide, 48, ink.line)
      }
      this.putLine(footer, left, height - 36, wide - 120, small)
      this.put(pageText(page + 1, count), left + wide - 120, height - 36, 120, { ...small, align: 'right' })
    }
    const parts: Uint8Array[] = []
    pdf.on('data', (part: Uint8Array) => parts.push(part))
    const ended = new Promise<void>((resolve, reject) => {
      pdf.once('end', resolve)
      pdf.once('error', reject)
    })
    pdf.end()
    await ended
    return Buffer.concat(parts)
  }

  /** The font's quotation marks are as wide as a Chinese character. */
  #setable(text: string): string {
    return this.#options.language === 'en' ? text.replace(/[‘’]/g, "'").replace(/[“”]/g, '"') : text
  }

  #set({ size, weight = 'regular' }: Style): PDFKit.PDFDocument {
    return this.pdf.font(weight).fontSize(size)
  }
}
