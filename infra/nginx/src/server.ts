import type { Service } from '@switchboard/protocol/gateway'
import { HEARTBEAT } from '@switchboard/protocol/limits'
import { renderConsole } from './console.ts'
import type { LoginRate } from './logins.ts'
import type { NginxOptions } from './options.ts'
import { SERVICE_NAMES } from './routing.ts'

/**
 * Above the services' own limits (kit 256 KiB; relay 2 MiB, and as much again around an acknowledgement that is polled),
 * so that what is little too large gets their answer, in their form.
 */
const bodyLimit = (service: Service): string => (service === 'relay' ? '5m' : '320k')

/** A relay client's answer may have as many headers as Node takes, 16 KiB; others send few. */
const headerBuffer = (service: Service): string => (service === 'relay' ? '32k' : '8k')

/** Long after a service dropped a silent connection, which is pinged every 10 s: the services' heartbeat decides, not this. */
const SILENCE_SECONDS = 3 * HEARTBEAT.silentSeconds

const json = (error: string): string => `'${JSON.stringify({ error })}'`

const NOBODY = `return 404 ${json('no service answers at this path')};`

/** Where nginx itself answers: the error is JSON, as the in-process gateway's is. */
const ownAnswers = `
    default_type "application/json; charset=utf-8";
    location = /nobody { ${NOBODY} }
    error_page 413 @too_large;
    location @too_large { return 413 ${json('the request is too large')}; }
    error_page 429 @too_many;
    location @too_many {
      add_header Retry-After 1 always;
      return 429 ${json('too many requests; try again later')};
    }
    error_page 502 504 @away;
    location @away { return 502 ${json('the service does not answer')}; }`

function renderService(service: Service, { upstreams, resolver }: NginxOptions): string {
  const [first] = upstreams[service]
  if (first === undefined) return `    location = /${service} { return 502; }`
  return `    location = /${service} {
      client_max_body_size ${bodyLimit(service)};
      proxy_buffer_size ${headerBuffer(service)};
      proxy_pass http://${resolver === undefined ? service : first}$request_uri;
    }`
}

const forwarding = `
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Connection $upgrade_connection;
    proxy_set_header Upgrade $upgrade;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $public_scheme;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Request-Id $request_id;
    underscores_in_headers on;
    # A process that is gone is passed over. What reached one is sent to another only where it may be done twice, and
    # soon: a request that took long is not tried again.
    proxy_connect_timeout 2s;
    proxy_next_upstream error timeout;
    proxy_next_upstream_timeout 5s;
    proxy_next_upstream_tries 3;
    proxy_read_timeout ${SILENCE_SECONDS}s;
    proxy_send_timeout ${SILENCE_SECONDS}s;
    # A request goes to a service once all of it is here, so that a slow sender holds up nobody.
    large_client_header_buffers 4 16k;
    client_header_timeout 15s;
    client_body_timeout 30s;
    client_body_buffer_size 64k;
    proxy_buffers 8 8k;
    proxy_busy_buffers_size 32k;
    proxy_max_temp_file_size 0;`

/** The one server. Every request is rewritten to its service's name, where that service's settings are. */
export const renderServer = (options: NginxOptions, logins: LoginRate | 'off'): string => `
  # Only a WebSocket is an upgrade here; anything else is an ordinary request.
  map $http_upgrade $upgrade { default ""; ~*^websocket$ websocket; }
  map $upgrade $upgrade_connection { default ""; websocket upgrade; }

  server {
    listen ${options.listen};
${forwarding}
${logins === 'off' ? '' : `    limit_req zone=logins burst=${logins.burst} nodelay;`}
    set $path $uri;
    rewrite ^ /$${options.console === undefined ? 'service' : 'target'} last;
${SERVICE_NAMES.map((service) => renderService(service, options)).join('\n')}
${options.console === undefined ? '' : `${renderConsole(options.console, NOBODY)}\n`}${ownAnswers}
  }`
