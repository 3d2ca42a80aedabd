import { CACHE, HEADERS } from '@switchboard/console/serving'

const TYPES = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' }

const headers = Object.entries(HEADERS).map(([name, value]) => `      add_header ${name} "${value}";`)

/** Files as they lie there, and the compressed ones beside them; of what there is not, `nobody` says that. */
export const renderConsole = (folder: string, nobody: string): string => `    location = /console {
      root ${folder};
      try_files $console_file @nobody;
      gzip_static on;
      gzip_vary on;
      charset utf-8;
      charset_types ${Object.values(TYPES)
        .filter((type) => type !== 'text/html')
        .join(' ')};
      types {
${Object.entries(TYPES)
  .map(([ending, type]) => `        ${type} ${ending};`)
  .join('\n')}
      }
${headers.join('\n')}
      add_header Cache-Control $console_cache;
    }
    location @nobody { ${nobody} }`

/** For `http`. */
export const renderConsoleCache = (): string => `
  map $console_file $console_cache {
    default "${CACHE.asset}";
    /index.html "${CACHE.page}";
  }`
