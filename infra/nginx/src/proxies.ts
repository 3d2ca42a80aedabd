/**
 * Who the client is. Without a proxy in front, whoever connects; what he says of himself is overwritten. With one, what
 * the last of them that is not trusted connected from.
 */
export function renderProxies(trusted: readonly string[]): string {
  if (trusted.length === 0) return '\n  map $scheme $public_scheme { default $scheme; }'
  return `
${trusted.map((proxy) => `  set_real_ip_from ${proxy};`).join('\n')}
  real_ip_header X-Forwarded-For;
  real_ip_recursive on;
  geo $realip_remote_addr $from_proxy {
    default 0;
${trusted.map((proxy) => `    ${proxy} 1;`).join('\n')}
  }
  map "$from_proxy $http_x_forwarded_proto" $public_scheme {
    default $scheme;
    "1 http" http;
    "1 https" https;
  }`
}
