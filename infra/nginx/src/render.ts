import type { Service } from '@switchboard/protocol/gateway'
import { renderConsoleCache } from './console.ts'
import { LOGIN_RATE, renderLogins } from './logins.ts'
import type { NginxOptions } from './options.ts'
import { renderProxies } from './proxies.ts'
import { renderConsoleRouting, renderRouting, SERVICE_NAMES } from './routing.ts'
import { renderServer } from './server.ts'

/**
 * One service's processes. One that refuses or does not answer is left out for a second: that is how long a restart
 * takes, and asking a dead one costs a refused connection.
 */
const renderUpstream = (service: Service, processes: readonly string[]): string => `
  upstream ${service} {
    zone ${service} 64k;
    least_conn;
${processes.map((process) => `    server ${process} max_fails=1 fail_timeout=1s;`).join('\n')}
    keepalive 64;
  }`

/** With a resolver, a name in a variable is looked up again once its answer is two seconds old. */
function renderUpstreams({ upstreams, resolver }: NginxOptions): string {
  if (resolver !== undefined) return `\n  resolver ${resolver} valid=2s ipv6=off;\n  resolver_timeout 2s;`
  return SERVICE_NAMES.filter((service) => upstreams[service].length > 0)
    .map((service) => renderUpstream(service, upstreams[service]))
    .join('')
}

/** What it writes down of a request: the route, never the path or the query, which hold tokens. */
const renderLog = (file: string): string => `
  log_format requests escape=json '{"time":"$time_iso8601","requestId":"$request_id","client":"$remote_addr",'
    '"method":"$request_method","route":"$route","service":"$service","status":$status,"bytes":$body_bytes_sent,'
    '"seconds":$request_time,"upstream":"$upstream_addr","upstreamStatus":"$upstream_status"}';
  access_log ${file} requests;
  # Each error of a request repeats its path and query, so they are not written: the status above tells them.
  error_log stderr emerg;`

const TEMP_PATHS = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

/** A whole `nginx.conf`, for nginx 1.22 or newer. */
export function renderNginx(options: NginxOptions): string {
  const { folder, logins = LOGIN_RATE, accessLog = `${folder}/access.log` } = options
  return `# Made by infra/nginx from packages/protocol/src/gateway.ts. Change those, not this.
worker_processes auto;
# A stop waits this long for connections to end.
worker_shutdown_timeout 8s;
pid ${folder}/nginx.pid;
error_log stderr warn;

events {
  # A WebSocket takes two, and as many open files: see LimitNOFILE where systemd starts it.
  worker_connections 16384;
}

http {
${TEMP_PATHS.map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  server_tokens off;
${renderLog(accessLog)}
${renderRouting()}${options.console === undefined ? '' : renderConsoleRouting() + renderConsoleCache()}
${logins === 'off' ? '' : renderLogins(logins)}
${renderProxies(options.trustedProxies ?? [])}
${renderUpstreams(options)}
${renderServer(options, logins)}
}
`
}
