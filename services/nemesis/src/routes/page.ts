import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Markup. Only {@link html} makes it, so every text in it is escaped. */
export interface Html {
  readonly markup: string
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeText = (text: string): string => text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char)

/** Texts are escaped, markup goes in as it is. */
export const html = (strings: TemplateStringsArray, ...values: readonly (string | Html)[]): Html => ({
  markup: String.raw(
    { raw: strings },
    ...values.map((value) => (typeof value === 'string' ? escapeText(value) : value.markup)),
  ),
})

export interface Page {
  title: string
  body: Html
}

/** System colours follow `color-scheme`, so that the page is as light or dark as its reader's other ones. */
const STYLE = `
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif }
body { margin: 0; background: Canvas; color: CanvasText }
main { max-width: 26rem; margin: 0 auto; padding: 2rem 1.25rem; overflow-wrap: anywhere }
h1 { font-size: 1.375rem; line-height: 1.25; margin: 0 0 1rem }
label { display: block; margin: 1rem 0 .25rem }
input, button { font: inherit; box-sizing: border-box; width: 100%; padding: .625rem .75rem }
button { margin-top: 1.25rem; cursor: pointer }
[role=alert] { border-left: .25rem solid; padding-left: .75rem }
`

/** Nothing is loaded, nothing runs, nobody frames it; its style is the one above. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const markupOf = ({ title, body }: Page): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`.markup

/** A browser asks for pages by name; a program that accepts anything gets JSON. */
export const wantsPage = ({ headers }: FastifyRequest): boolean =>
  headers.accept?.toLowerCase().includes('text/html') === true

/** Where a URL holds a code, nobody keeps the answer, and nobody else hears of the URL. */
export const keepPrivate = (reply: FastifyReply): FastifyReply =>
  reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', vary: 'accept' })

export const sendPage = (reply: FastifyReply, page: Page): FastifyReply =>
  reply
    .headers({ 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff' })
    .type('text/html; charset=utf-8')
    .serializer((text: string) => text)
    .send(markupOf(page))
