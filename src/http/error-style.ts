import { hash } from '../std/crypto.ts'

/** One style for all pages of ours that are shown when something went wrong. Colours follow the reader's preference. */
export const errorStyle = `
:root{color-scheme:light dark;--ground:#f7f6f3;--card:#fff;--ink:#1f2328;--soft:#5d6470;--line:#e2dfd8;--accent:#b3372b;--mark:#fff1c9;--code:#f3f1ec;--ok:#2c6e49}
@media(prefers-color-scheme:dark){:root{--ground:#16181c;--card:#1e2127;--ink:#e8e6e1;--soft:#9aa1ad;--line:#31353d;--accent:#ff8a7a;--mark:#4a3c10;--code:#262a31;--ok:#7fcf9f}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
code,pre,.mono{font:13.5px/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.plain{min-height:100vh;display:grid;place-content:center;padding:2rem;text-align:center}
.plain .status{margin:0;font-size:4.5rem;font-weight:200;line-height:1;color:var(--soft);letter-spacing:-.03em}
.plain h1{margin:.75rem 0 .25rem;font-size:1.5rem;font-weight:600}
.plain p{margin:.25rem auto;max-width:34rem;color:var(--soft)}
.plain a{color:inherit}
.debug header{border-top:4px solid var(--accent);background:var(--card);border-bottom:1px solid var(--line);padding:1.75rem max(1.25rem,calc((100% - 70rem)/2))}
.debug main{padding:1.5rem max(1.25rem,calc((100% - 70rem)/2)) 4rem}
.debug .kind{color:var(--accent);margin:0;overflow-wrap:anywhere}
.debug .kind code{padding:.1rem .45rem;border-radius:6px;background:var(--code);color:var(--ink)}
.debug .more{margin:.35rem 0 0;color:var(--soft);font-size:.875rem}
.debug .more b{font-weight:600;color:var(--ink)}
.debug h1{margin:.25rem 0 .5rem;font-size:1.55rem;line-height:1.3;font-weight:600;white-space:pre-wrap;overflow-wrap:anywhere}
.debug .hint{margin:.75rem 0 0;padding:.7rem .9rem;background:var(--mark);border-radius:8px;white-space:pre-wrap;overflow-wrap:anywhere}
.debug .where{color:var(--soft);margin:.5rem 0 0;overflow-wrap:anywhere}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;margin:0 0 1.25rem;overflow:hidden}
section>h2,summary{margin:0;padding:.75rem 1rem;font-size:1rem;font-weight:600}
summary{cursor:pointer}
summary:focus-visible{outline:2px solid var(--accent);outline-offset:-2px}
.body{border-top:1px solid var(--line);overflow-x:auto}
.source{margin:0;min-width:max-content;padding:.5rem 0;background:var(--code);tab-size:2}
.source span{display:block;padding:0 1rem;white-space:pre}
.source span i{display:inline-block;width:3.5em;padding-right:1em;text-align:right;color:var(--soft);font-style:normal;user-select:none}
.source .here{background:var(--mark);font-weight:600}
.stack{margin:0;padding:.75rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere}
.stack .lib{color:var(--soft)}
table{border-collapse:collapse;width:100%}
th,td{padding:.4rem 1rem;text-align:left;vertical-align:top;border-top:1px solid var(--line);overflow-wrap:anywhere}
tr:first-child>*{border-top:0}
th{width:14rem;color:var(--soft);font-weight:500}
.place{border-color:var(--accent)}
.whole summary{padding:.4rem 1rem;font-size:.875rem;font-weight:500;color:var(--soft);border-top:1px solid var(--line)}
.aside{margin:0;padding:.75rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere;background:var(--mark)}
.queries{list-style:none;margin:0;padding:0}
.queries li{padding:.6rem 1rem;border-top:1px solid var(--line);overflow-wrap:anywhere}
.queries li:first-child{border-top:0}
.queries p{margin:0;color:var(--soft);font-size:.8125rem}
.queries small{display:block;color:var(--soft);font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
mark{padding:.05rem .45rem;border-radius:6px;background:var(--mark);color:var(--ink);font-weight:600}
mark.bad{color:var(--accent)}
.none{padding:.75rem 1rem;color:var(--soft);margin:0}
ol.routes{margin:0;padding:.75rem 1rem .75rem 3rem}
footer{color:var(--soft);font-size:.875rem}
@media(max-width:40rem){th,td{display:block;width:auto}td{border-top:0;padding-top:0}}
`

/**
 * The policy of these pages: no script, no other source, and this style alone, by its hash. The middleware that sets a
 * Content-Security-Policy leaves one that is there.
 */
export function errorPolicy(): string {
  policy ??= `default-src 'none'; style-src 'sha256-${base64(errorStyle)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
  return policy
}
let policy: string | undefined

function base64(text: string): string {
  return btoa(String.fromCharCode(...hash('sha256', text)))
}
