import { PATHS } from '@switchboard/console/serving'
import { ROUTES, SERVICES, type Service } from '@switchboard/protocol/gateway'

export const SERVICE_NAMES = Object.keys(SERVICES) as Service[]

const escapeRegExp = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** nginx takes the first expression that matches, so the longest prefix comes first. */
const byLength = Object.keys(ROUTES).sort((a, b) => b.length - a.length)

/**
 * The same rule as protocol's `serviceOf`, on what the client wrote and not on what nginx makes of it: it decodes,
 * collapses slashes and resolves `..` in its own `$uri`, and a service sees none of that.
 */
export const renderRouting = (): string => `
  map $request_uri $route {
    default "";
${byLength.map((path) => `    "~^${escapeRegExp(path)}(?:[/?]|$)" ${path};`).join('\n')}
  }
  map $route $service {
    default nobody;
${byLength.map((path) => `    ${path} ${ROUTES[path]};`).join('\n')}
  }`

/** A file of the console, for who only wants to read one. */
export const renderConsoleRouting = (): string => `
  map "$request_method $request_uri" $console_file {
    default "";
    "~^(?:GET|HEAD) ${PATHS.page}(?:\\?|$)" /index.html;
    "~^(?:GET|HEAD) (?<asset>${PATHS.asset})(?:\\?|$)" $asset;
  }
  map $console_file $target {
    default console;
    "" $service;
  }`
