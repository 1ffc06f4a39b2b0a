/** How the pages look: by the reader's own font and preference of light or dark, from a phone's width on. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --line: #dfe3ea; --text: #1b2130; --faint: #5b6474; --accent: #3457d5;
  --on-accent: #fff; --good: #1a7f4b; --bad: #b3261e; --warn: #8a5a00; --busy: #2563a8; --soft: #eef1f6;
  --good-soft: #e2f4ea; --bad-soft: #fbe6e4; --warn-soft: #fbf0d9; --busy-soft: #e1edfa;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151c; --card: #1a1f29; --line: #2d3442; --text: #e6e9ef; --faint: #9aa4b5; --accent: #8ea6ff;
    --on-accent: #10131a; --good: #6fd39b; --bad: #ff9a92; --warn: #e8bd6a; --busy: #86bdf5; --soft: #232a36;
    --good-soft: #17362a; --bad-soft: #40211f; --warn-soft: #3a2e15; --busy-soft: #1b3048;
  }
}
* { box-sizing: border-box; }
html { font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', sans-serif; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); min-height: 100vh; display: flex; flex-direction: column; }
a { color: var(--accent); text-underline-offset: .2em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }
.skip { position: absolute; left: -999rem; background: var(--card); padding: .5rem 1rem; z-index: 1; }
.skip:focus { left: .5rem; top: .5rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.75rem; padding: .6rem clamp(1rem, 4vw, 2.5rem);
  background: var(--card); border-bottom: 1px solid var(--line); }
.brand { font-weight: 700; font-size: 1.1rem; letter-spacing: -.01em; color: var(--text); text-decoration: none; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem; list-style: none; margin: 0; padding: 0; }
nav a, .who > a { display: inline-block; padding: .3rem .7rem; border-radius: 6px; color: var(--faint); text-decoration: none; }
nav a:hover, .who > a:hover { background: var(--soft); color: var(--text); }
a[aria-current] { color: var(--text); background: var(--soft); font-weight: 600; }
.who { display: flex; align-items: center; gap: .25rem; margin-left: auto; }
main { width: 100%; max-width: 76rem; margin: 0 auto; padding: 1.75rem clamp(1rem, 4vw, 2.5rem) 4rem; flex: 1; }
main.narrow { max-width: 27rem; padding-top: clamp(1.5rem, 8vh, 5rem); }
h1 { font-size: 1.6rem; line-height: 1.25; letter-spacing: -.015em; margin: 0 0 1.25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2.25rem 0 .75rem; }
footer { padding: 1rem; text-align: center; color: var(--faint); font-size: .875rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.25rem 1.5rem; overflow-wrap: anywhere; }
.card + .card { margin-top: 1rem; }
.card > :first-child { margin-top: 0; }
.card > :last-child { margin-bottom: 0; }
.faint { color: var(--faint); }
.small { font-size: .875rem; }
.row > * { min-width: 0; }
.row { display: flex; flex-wrap: wrap; gap: .5rem .9rem; align-items: center; }
.row.apart { justify-content: space-between; }
.table { overflow-x: auto; position: relative; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: .75rem 1rem 0; font-weight: 600; }
th, td { text-align: left; padding: .6rem 1rem; vertical-align: middle; }
thead th { font-size: .8rem; font-weight: 600; color: var(--faint); white-space: nowrap; border-bottom: 1px solid var(--line); }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody th { font-weight: 500; }
.number { text-align: right; white-space: nowrap; }
.nowrap { white-space: nowrap; }
.name { overflow-wrap: anywhere; min-width: 11rem; }
.empty { padding: 2rem 1.5rem; text-align: center; color: var(--faint); }
.pill { display: inline-block; padding: .05rem .6rem; border-radius: 99px; font-size: .8rem; font-weight: 600; white-space: nowrap;
  background: var(--soft); color: var(--faint); }
.pill.good { background: var(--good-soft); color: var(--good); }
.pill.bad { background: var(--bad-soft); color: var(--bad); }
.pill.warn { background: var(--warn-soft); color: var(--warn); }
.pill.busy { background: var(--busy-soft); color: var(--busy); }
.bar { display: block; width: 100%; min-width: 7rem; height: .55rem; border-radius: 99px; background: var(--soft); }
.bar .good { fill: var(--good); } .bar .bad { fill: var(--bad); } .bar .warn { fill: var(--warn); } .bar .busy { fill: var(--busy); }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .4rem 1.5rem; margin: 0; }
dl.facts dt { color: var(--faint); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, 'SF Mono', 'DejaVu Sans Mono', monospace; font-size: .875em; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1rem 1.25rem; margin: 0; overflow-x: auto;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.notice { border-radius: 10px; padding: .7rem 1rem; margin: 0 0 1.25rem; background: var(--soft); }
.notice.good { background: var(--good-soft); color: var(--good); }
.notice.bad { background: var(--bad-soft); color: var(--bad); }
form.inline { display: inline-block; }
label { display: block; font-weight: 600; font-size: .925rem; margin-bottom: .25rem; }
.field { margin-bottom: 1rem; }
.field .small { margin: .25rem 0 0; }
form p.small { margin: .25rem 0 1rem; }
form .grid + p.small { margin-top: -.5rem; }
fieldset { border: 0; padding: 0; margin: 0 0 1rem; }
legend { font-weight: 600; font-size: .925rem; padding: 0; margin-bottom: .25rem; }
label.choice { display: inline-flex; align-items: center; gap: .45rem; font-weight: 400; margin: 0 1.25rem .25rem 0; min-height: 2rem; }
input, select { font: inherit; color: inherit; }
input[type=text], input[type=email], input[type=password], input[type=number], select { width: 100%; padding: .5rem .75rem;
  border: 1px solid var(--faint); border-radius: 8px; background: var(--page); height: 2.75rem; }
input[type=checkbox], input[type=radio] { width: 1.1rem; height: 1.1rem; accent-color: var(--accent); margin: 0; }
button { font: inherit; font-weight: 600; padding: .45rem 1rem; min-height: 2.4rem; border-radius: 8px; border: 1px solid transparent;
  cursor: pointer; background: var(--accent); color: var(--on-accent); }
button:hover { filter: brightness(1.08); }
button.plain { background: transparent; color: var(--faint); border-color: transparent; font-weight: 500; }
button.plain:hover { background: var(--soft); color: var(--text); }
button.danger, a.button { background: transparent; color: var(--bad); border-color: currentcolor; }
button.danger:hover { background: var(--bad-soft); }
button.wide { width: 100%; }
.grid { display: grid; gap: 0 1.5rem; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); }
.tiles { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: .9rem 1.1rem; }
.tile b { display: block; font-size: 1.4rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tile span { color: var(--faint); font-size: .875rem; }
nav + .table { margin-top: .75rem; }
a.button { display: inline-block; font-weight: 600; padding: .4rem 1rem; border-radius: 8px; border: 1px solid currentcolor; text-decoration: none; }
a.button.danger { color: var(--bad); }
a.button.danger:hover { background: var(--bad-soft); }
td.button { text-align: right; }
@media (max-width: 48rem) {
  table, tbody, tbody tr { display: block; }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  caption { display: block; }
  tbody tr { padding: .7rem 1rem; }
  tbody tr + tr { border-top: 1px solid var(--line); }
  tbody tr + tr > * { border-top: 0; }
  tbody th { display: block; padding: 0 0 .3rem; font-weight: 600; }
  td, td.number, td.button { display: flex; gap: 1rem; padding: .1rem 0; text-align: left; min-width: 0; overflow-wrap: anywhere; }
  td[data-label]::before { content: attr(data-label); color: var(--faint); font-size: .875rem; flex: 0 0 5.5rem; }
  td > div { flex: 1; min-width: 0; }
  td.button { padding-top: .5rem; }
  .bar { min-width: 4rem; }
  .who { margin-left: 0; }
  dl.facts { grid-template-columns: 1fr; gap: 0; }
  dl.facts dd { margin-bottom: .6rem; }
}
@media (prefers-reduced-motion: no-preference) { button, nav a { transition: background-color .12s, filter .12s; } }
`;
