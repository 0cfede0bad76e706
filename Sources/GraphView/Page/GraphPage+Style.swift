extension GraphPage {
  static let style = """
    :root {
      color-scheme: light dark;
      --ground: #f6f7f8; --panel: #ffffff; --ink: #1b1f24; --soft: #5b6470; --faint: #8a929c; --line: #dfe3e8;
      --hover: #eef1f5; --accent: #2456b8; --accent-soft: #e6edfa; --edge: #b3bbc5;
      --ran: #1d63d1; --kept: #2c7d53; --skipped: #95640a; --failed: #c22f26; --unknown: #8a929c;
      --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
      --sans: system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #131519; --panel: #1a1d22; --ink: #e4e7eb; --soft: #a0a8b3; --faint: #747d88; --line: #2b3037;
        --hover: #23272e; --accent: #84acf5; --accent-soft: #202c43; --edge: #4b535e;
        --ran: #78a9ff; --kept: #6cc397; --skipped: #dcae55; --failed: #ff8078; --unknown: #747d88;
      }
    }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    html, body { height: 100%; margin: 0; }
    body {
      display: grid; grid-template: auto minmax(0, 1fr) / minmax(260px, 372px) minmax(0, 1fr);
      background: var(--ground); color: var(--ink); font: 14px/1.45 var(--sans);
      font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%;
    }
    bdi { unicode-bidi: isolate; }
    button {
      font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: left;
    }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
    .mono, .path { font-family: var(--mono); font-size: 12px; }

    header {
      grid-column: 1 / -1; display: flex; align-items: baseline; gap: 14px; padding: 11px 20px;
      background: var(--panel); border-bottom: 1px solid var(--line);
    }
    h1, h2, h3, p, ul, dl, dd { margin: 0; padding: 0; }
    h1 { font-size: 15px; font-weight: 650; letter-spacing: -0.005em; white-space: nowrap; }
    #title {
      font: 12.5px var(--mono); color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
    }
    #lastbuild { margin-left: auto; color: var(--soft); font-size: 13px; white-space: pre; }

    .mark { display: inline-block; width: 14px; text-align: center; font-size: 11px; line-height: 1; flex: none; }
    .mark.ran {
      color: var(--ran); } .mark.kept { color: var(--kept); } .mark.skipped { color: var(--skipped);
      font-weight: 800;
    }
    .mark.failed { color: var(--failed); font-weight: 700; } .mark.unknown { color: var(--unknown); }

    #find {
      display: flex; flex-direction: column; min-height: 0;
      background: var(--panel); border-right: 1px solid var(--line);
    }
    .field { position: relative; margin: 14px 16px 10px; }
    #search {
      width: 100%; height: 36px; padding: 0 36px 0 12px; font: inherit; color: inherit; background: var(--ground);
      border: 1px solid var(--line); border-radius: 7px; -webkit-appearance: none; appearance: none;
    }
    #search::placeholder { color: var(--faint); opacity: 1; }
    #search:focus { outline: 2px solid var(--accent); outline-offset: -1px; background: var(--panel); }
    .field kbd {
      position: absolute; right: 10px; top: 8px; min-width: 20px; padding: 0 5px; text-align: center;
      pointer-events: none;
      font: 12px/18px var(--mono); color: var(--faint); border: 1px solid var(--line); border-radius: 4px;
    }
    #search:focus + kbd { visibility: hidden; }
    .chips { display: flex; flex-wrap: wrap; gap: 4px; margin: 0 16px 7px; }
    .chip {
      padding: 0 7px; font-size: 12px; line-height: 20px; color: var(--soft);
      border: 1px solid var(--line); border-radius: 12px; white-space: nowrap;
    }
    .chip .mark { margin-left: -3px; }
    .chip:hover { background: var(--hover); }
    .chip[aria-pressed="true"] { color: var(--accent); background: var(--accent-soft); border-color: var(--accent); }
    #matches {
      display: flex; justify-content: space-between; padding: 4px 16px 7px; font-size: 12.5px; color: var(--soft);
      border-bottom: 1px solid var(--line);
    }
    #viewport { position: relative; flex: 1; min-height: 0; overflow-y: auto; outline: none; }
    #list { position: relative; contain: strict; }
    .row {
      position: absolute; left: 0; right: 0; height: 46px; padding: 5px 16px 0 12px;
      display: flex; gap: 6px; cursor: pointer;
    }
    .row .mark, .neighbour .mark { margin-top: 5px; }
    .row:hover, .row.active { background: var(--hover); }
    .row[aria-selected="true"] { background: var(--accent-soft); box-shadow: inset 3px 0 var(--accent); }
    .texts { display: block; flex: 1; min-width: 0; }
    .line { display: flex; align-items: baseline; gap: 6px; min-width: 0; }
    .name { font-weight: 550; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; flex: 0 1 auto; }
    .kind { margin-left: auto; flex: none; font-size: 12px; color: var(--soft); }
    .relation { color: var(--accent); font-size: 12px; flex: none; }
    .path { display: flex; color: var(--soft); font-size: 11.5px; line-height: 16px; white-space: pre; }
    .folder { flex: 0 1 auto; overflow: hidden; text-overflow: ellipsis; }
    .base { flex: 0 1 auto; min-width: 0; overflow: hidden; text-overflow: ellipsis; flex-shrink: 0; max-width: 100%; }

    main { min-width: 0; min-height: 0; overflow: auto; padding: 22px 28px 40px; outline: none; }
    article { max-width: 1180px; }
    .heading { display: flex; flex-wrap: wrap; align-items: baseline; gap: 6px 12px; }
    h2 { font-size: 21px; line-height: 1.3; font-weight: 650; letter-spacing: -0.012em; overflow-wrap: anywhere; }
    .tag { color: var(--soft); }
    .pill {
      display: inline-flex; align-items: center; gap: 3px; padding: 0 10px 0 6px; font-size: 12.5px; line-height: 22px;
      border: 1px solid currentColor; border-radius: 12px;
    }
    .pill.ran { color: var(--ran); } .pill.kept { color: var(--kept); } .pill.skipped { color: var(--skipped); }
    .pill.failed { color: var(--failed); } .pill.unknown { color: var(--soft); border-color: var(--line); }
    dl { margin-top: 8px; display: grid; gap: 2px; }
    dl div { display: flex; gap: 10px; }
    dt { flex: 0 0 74px; color: var(--soft); }
    dd { overflow-wrap: anywhere; }

    .pane {
      margin: 18px 0 24px; padding: 20px; overflow: auto; background: var(--panel);
      border: 1px solid var(--line); border-radius: 10px;
    }
    .drawing { position: relative; margin: 0 auto; }
    .drawing svg { position: absolute; inset: 0; overflow: visible; }
    .edge { fill: none; stroke: var(--edge); stroke-width: 1.25; }
    .edge.near { stroke: var(--soft); stroke-width: 1.5; }
    .edge.layout, .edge.contract { stroke-dasharray: 4 3.5; }
    .edge.lit { stroke: var(--accent); stroke-width: 2; marker-end: url(#tip-lit); }
    .tip { fill: var(--edge); } .tip.near { fill: var(--soft); } .tip.lit { fill: var(--accent); }
    .card {
      position: absolute; height: 46px; padding: 4px 9px 0 8px; overflow: hidden;
      background: var(--panel); border: 1px solid var(--line); border-left: 3px solid var(--unknown);
      border-radius: 6px;
    }
    .card:hover { background: var(--hover); }
    .card.selected { background: var(--accent-soft); border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
    .card.ran { border-left-color: var(--ran); } .card.kept { border-left-color: var(--kept); }
    .card.skipped { border-left-color: var(--skipped); border-left-style: dashed; }
    .card.failed { border-left-color: var(--failed); }
    .card .line { gap: 4px; }
    .card .name { font-size: 13px; white-space: pre; }
    .card .mark { margin-left: -2px; }
    .card > .kind { display: block; margin: -2px 0 0 16px; }
    .card.more { border-left-width: 1px; border-style: dashed; color: var(--accent); text-align: center; padding: 0; }
    .card.ofkind { border-left: 1px solid var(--line); padding: 0 12px; }
    .card.ofkind .name { font-size: 15.5px; font-weight: 650; }
    .card.ofkind .kind { margin: 0; font-size: 13px; }
    .bar { display: flex; gap: 1px; height: 4px; margin-top: 4px; border-radius: 2px; overflow: hidden; }
    .bar span { min-width: 2px; background: var(--unknown); }
    .bar .ran { background: var(--ran); } .bar .kept { background: var(--kept); }
    .bar .skipped { background: var(--skipped); } .bar .failed { background: var(--failed); }

    .two {
      display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 26px 40px;
      margin-bottom: 28px;
    }
    .two.uneven { grid-template-columns: minmax(0, 1.2fr) minmax(0, 1fr); }
    .two > section { min-width: 0; overflow-x: auto; }
    h3 {
      display: flex; align-items: baseline; gap: 8px; padding-bottom: 6px; margin-bottom: 4px;
      font-size: 13.5px; font-weight: 650; border-bottom: 1px solid var(--line);
    }
    h3 .count { color: var(--soft); font-weight: 400; }
    h3 .link { margin-left: auto; font-weight: 400; font-size: 12.5px; }
    .link { color: var(--accent); }
    .link:hover { text-decoration: underline; text-underline-offset: 2px; }
    .none { color: var(--soft); padding: 6px 0; }
    ul { list-style: none; }
    .neighbour { display: flex; gap: 6px; width: 100%; padding: 4px 8px 5px 4px; border-radius: 6px; }
    .neighbour:hover { background: var(--hover); }
    .neighbour .kind { margin-left: 2px; font-weight: 400; }
    .neighbour .carries { flex: none; align-self: center; font-size: 12px; color: var(--soft); }
    .carries.layout, .carries.contract { border-bottom: 1px dashed var(--faint); }

    table { border-collapse: collapse; width: 100%; }
    th, td { padding: 4px 0 4px 10px; text-align: right; font-weight: 400; white-space: nowrap; }
    th:first-child { padding-left: 0; text-align: left; }
    thead th { color: var(--soft); font-size: 12.5px; border-bottom: 1px solid var(--line); }
    tbody tr:hover { background: var(--hover); }
    tfoot th, tfoot td { border-top: 1px solid var(--line); font-weight: 600; }
    td .link { color: var(--ink); } td.failed .link { color: var(--failed); font-weight: 600; }
    .zero { color: var(--faint); }
    #counts h3 + table { margin-top: 0; }
    #legend li { display: flex; align-items: center; gap: 8px; padding: 3px 0; color: var(--soft); }
    #legend .mark { width: 34px; }
    #legend svg { flex: none; }

    @media (max-width: 1100px) { .two.uneven { grid-template-columns: minmax(0, 1fr); } }
    @media (max-width: 760px) {
      body { grid-template: auto minmax(0, 45vh) minmax(0, 1fr) / minmax(0, 1fr); }
      #find { border-right: 0; border-bottom: 1px solid var(--line); }
      #lastbuild { display: none; }
    }

    """
}
