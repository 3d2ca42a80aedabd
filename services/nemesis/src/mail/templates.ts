import { readFileSync } from 'node:fs'

/** What each of the files in `templates/` names. */
const TEMPLATES = {
  activate: ['first_name', 'userid', 'link', 'days'],
  reset: ['first_name', 'userid', 'link', 'days'],
  verify: ['first_name', 'userid', 'link', 'days'],
  'email-change': ['first_name', 'userid'],
} as const

export type TemplateName = keyof typeof TEMPLATES

const FOLDER = new URL('../../templates/', import.meta.url)
const FIELD = /\{(\w+)\}/g

/** A first line `Subject: …`, an empty one, the text; `{name}` stands for a field. */
function read(name: TemplateName): { subject: string; text: string } {
  const [, subject, text] =
    /^Subject: ([^\n]+)\n\n(.+)$/s.exec(readFileSync(new URL(`${name}.txt`, FOLDER), 'utf8')) ?? []
  if (subject === undefined || text === undefined)
    throw new Error(`templates/${name}.txt does not begin with a subject`)
  const known: readonly string[] = TEMPLATES[name]
  const named = [...`${subject}\n${text}`.matchAll(FIELD)].map(([, field = '']) => field)
  const unknown = named.find((field) => !known.includes(field))
  if (unknown !== undefined) throw new Error(`templates/${name}.txt: there is no {${unknown}}`)
  const unnamed = known.find((field) => !named.includes(field))
  if (unnamed !== undefined) throw new Error(`templates/${name}.txt: {${unnamed}} is missing`)
  return { subject, text }
}

/** The mails' words. */
export interface Templates {
  /**
   * Values are put in as they are, once: what looks like a field in one is text. Others than the template's are left out.
   * @throws Error where there is no such template, or one of its values is missing
   */
  render(name: TemplateName, values: Readonly<Record<string, string>>): { subject: string; text: string }
}

/** Reads them all. @throws Error where one lacks a field, or names one that it does not get */
export function openTemplates(): Templates {
  const names = Object.keys(TEMPLATES) as TemplateName[]
  const templates = new Map(names.map((name) => [name, read(name)]))
  return {
    render(name, values) {
      const template = templates.get(name)
      if (!template) throw new Error(`there is no template ${name}`)
      const fill = (text: string) =>
        text.replace(FIELD, (_all, field: string) => {
          const value = values[field]
          if (value === undefined) throw new Error(`templates/${name}.txt: no value for {${field}}`)
          return value
        })
      return { subject: fill(template.subject), text: fill(template.text) }
    },
  }
}
