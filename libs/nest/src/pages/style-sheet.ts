/** The look of every page. Colours are chosen for a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3), in light and in dark. */
export const styleSheet = `
:root {
  color-scheme: light dark;
  --ground: #faf9f7; --surface: #ffffff; --ink: #1f2328; --quiet: #565d66; --line: #8a919a; --rule: #e2dfda;
  --bad: #a4161a; --bad-ground: #fdeeee; --good: #17603a; --good-ground: #eaf6ef; --note-ground: #f0f2f5;
  --accent: #2b4c7e; --on-accent: #ffffff;
}
body.accent-fjord { --accent: #14556b; }
body.accent-lund { --accent: #7a4a0c; }
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15181c; --surface: #1e2227; --ink: #eceef0; --quiet: #adb4bc; --line: #7d858e; --rule: #343a41;
    --bad: #ff9d9d; --bad-ground: #3a1d1f; --good: #8fdcaf; --good-ground: #16301f; --note-ground: #262b31;
    --accent: #a9c4f0; --on-accent: #10151c;
  }
  body.accent-fjord { --accent: #8fd0e6; }
  body.accent-lund { --accent: #f0c27f; }
}
*, *::before, *::after { box-sizing: border-box; }
html { font-size: 100%; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; overflow-wrap: anywhere;
}
.top { display: flex; align-items: center; justify-content: space-between; gap: 1rem; max-width: 40rem; margin: 0 auto; padding: 1rem 1.25rem 0; }
.brand { margin: 0; font-size: 1.125rem; font-weight: 650; color: var(--accent); letter-spacing: -0.01em; }
main { max-width: 40rem; margin: 0 auto; padding: 0.5rem 1.25rem 4rem; outline: none; }
main.narrow, main:has(> form.narrow) { max-width: 26rem; }
main:has(> .wide), body:has(main > .wide) .top { max-width: 62rem; }
h1 { margin: 1.25rem 0 0.75rem; font-size: 1.625rem; line-height: 1.2; font-weight: 650; letter-spacing: -0.015em; }
h2 { margin: 2.25rem 0 0.5rem; font-size: 1.1875rem; line-height: 1.3; font-weight: 600; }
h3 { margin: 1.25rem 0 0.25rem; font-size: 1rem; font-weight: 600; }
p, ul, ol, dl, table, form { margin: 0 0 1rem; }
a { color: var(--accent); text-underline-offset: 0.15em; }
a:hover { text-decoration-thickness: 2px; }
.language, nav a { display: inline-flex; align-items: center; min-height: 44px; min-width: 44px; padding: 0 0.25rem; }
.skip { position: absolute; left: -100vw; padding: 0.75rem 1rem; background: var(--surface); color: var(--ink); }
.skip:focus { left: 0; top: 0; z-index: 1; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.hint, small, .quiet { color: var(--quiet); font-size: 0.9375rem; }
.card, section.card, fieldset { margin: 0 0 1rem; padding: 1rem 1.125rem; background: var(--surface); border: 1px solid var(--rule); border-radius: 10px; }
fieldset > legend { padding: 0 0.25rem; font-weight: 600; }
.card > :last-child, fieldset > :last-child { margin-bottom: 0; }
label { display: block; margin: 0 0 0.3rem; font-weight: 550; }
input:not([type=checkbox]):not([type=radio]):not([type=hidden]), select, textarea {
  display: block; width: 100%; min-height: 46px; margin: 0 0 1rem; padding: 0.5rem 0.75rem;
  font: inherit; color: var(--ink); background: var(--surface); border: 1px solid var(--line); border-radius: 8px;
}
input[aria-invalid=true] { border-color: var(--bad); border-width: 2px; }
.choice { display: flex; align-items: center; gap: 0.75rem; min-height: 44px; margin: 0; font-weight: 400; }
.choice input { width: 1.375rem; height: 1.375rem; flex: none; margin: 0; accent-color: var(--accent); }
button, .button {
  display: inline-flex; align-items: center; justify-content: center; min-height: 46px; padding: 0.5rem 1.25rem; font: inherit; font-weight: 600;
  color: var(--on-accent); background: var(--accent); border: 1px solid transparent; border-radius: 8px; text-decoration: none; cursor: pointer;
}
button:hover, .button:hover { filter: brightness(1.08); }
button.secondary, .button.secondary { color: var(--accent); background: transparent; border-color: var(--line); }
button.danger, .button.danger { color: var(--bad); background: transparent; border-color: var(--bad); }
form.narrow button:not(.secondary), main.narrow form button { width: 100%; }
.actions { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: center; }
.notice, [role=status], [role=alert] { margin: 0 0 1rem; padding: 0.75rem 1rem; border-radius: 8px; background: var(--note-ground); border-left: 4px solid var(--line); }
.notice.good, [role=status] { background: var(--good-ground); border-left-color: var(--good); }
.notice.bad, [role=alert] { background: var(--bad-ground); border-left-color: var(--bad); }
.error { display: block; margin: -0.6rem 0 1rem; color: var(--bad); font-size: 0.9375rem; }
.list { padding: 0; list-style: none; background: var(--surface); border: 1px solid var(--rule); border-radius: 10px; }
.list > li { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.25rem 1rem; padding: 0.75rem 1.125rem; }
.list > li + li { border-top: 1px solid var(--rule); }
.list form { margin: 0; }
.state { padding: 0.1rem 0.6rem; border: 1px solid var(--line); border-radius: 999px; font-size: 0.875rem; white-space: nowrap; }
.state.good { color: var(--good); border-color: currentColor; }
.state.bad { color: var(--bad); border-color: currentColor; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: 0.35rem 1.25rem; }
dt { color: var(--quiet); }
dd { margin: 0; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; }
caption { padding: 0 0 0.5rem; text-align: left; color: var(--quiet); }
th, td { padding: 0.55rem 0.75rem 0.55rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); overflow-wrap: break-word; }
th .hint { font-weight: 400; }
summary { min-height: 44px; padding: 0.6rem 0; color: var(--accent); cursor: pointer; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 0.875em; }
pre { padding: 1rem; overflow-x: auto; white-space: pre-wrap; background: var(--surface); border: 1px solid var(--rule); border-radius: 8px; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 0.6rem; } .actions > * { width: 100%; } }
@media (forced-colors: active) { button, .button { border-color: ButtonText; } }
@media print { .top nav, .skip { display: none; } }
`.trimStart();
