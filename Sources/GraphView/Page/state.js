const read = () => {
  const fields = new URLSearchParams(location.hash.slice(1));
  const some = (key, known) => (fields.get(key) || "").split(",").filter(word => known.includes(word));
  const id = Number(fields.get("id") ?? NaN);
  const node = Number.isInteger(id) && id >= 0 && id < size ? id : named.get(fields.get("node")) ?? -1;
  return {
    node, search: fields.get("search") || "",
    kinds: some("kind", data.kinds), outcomes: some("outcome", allOutcomes),
    scope: node >= 0 ? some("scope", ["feeds", "fed"])[0] || "" : "",
  };
};

const written = state => {
  const fields = new URLSearchParams();
  if (state.node >= 0) {
    // Two nodes may have the same name: a header's path can be the name of an object.
    if (named.get(nameOf(state.node)) === state.node) fields.set("node", nameOf(state.node));
    else fields.set("id", state.node);
  }
  if (state.search) fields.set("search", state.search);
  if (state.kinds.length) fields.set("kind", state.kinds.join(","));
  if (state.outcomes.length) fields.set("outcome", state.outcomes.join(","));
  if (state.scope) fields.set("scope", state.scope);
  return "#" + fields;
};

let state = null;
const go = (change, options = {}) => {
  const next = { ...state, ...change };
  if (next.node < 0 || (change.node !== undefined && change.node !== state.node)) next.scope = "";
  const address = written(next);
  if (address === written(state)) return;
  if (options.replaces) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  show();
};

const toggled = (values, value) =>
  values.includes(value) ? values.filter(other => other !== value) : [...values, value];
const chip = (text, isOn, onclick, more) => make("button", {
  type: "button", class: "chip", "aria-pressed": String(isOn), onclick,
}, more || null, text);

const showChips = reached => {
  byID("kinds").replaceChildren(...data.kinds.filter(kind => kindTotal(kind) > 0).map(kind =>
    chip(kindPlural(kind), state.kinds.includes(kind), () => go({ kinds: toggled(state.kinds, kind) }))));
  byID("outcomes").replaceChildren(...shownOutcomes.map(outcome => chip(outcome, state.outcomes.includes(outcome),
    () => go({ outcomes: toggled(state.outcomes, outcome) }), mark(outcome))));
  byID("outcomes").hidden = !data.built;
  byID("scopes").hidden = state.node < 0;
  if (state.node < 0) return;
  byID("scopes").replaceChildren(
    chip("everything", state.scope === "", () => go({ scope: "" })),
    chip("depends on, " + number(reached.feeds.length), state.scope === "feeds", () => go({ scope: "feeds" })),
    chip("used by, " + number(reached.fed.length), state.scope === "fed", () => go({ scope: "fed" })));
};

const showMatches = reached => {
  const relation = new Map();
  for (const node of reached.feeds) relation.set(node, "feeds");
  for (const node of reached.fed) relation.set(node, "fed");
  const kinds = new Set(state.kinds.map(kind => data.kinds.indexOf(kind)));
  const outcomes = new Set(state.outcomes);
  const found = search(state.search, node =>
    (kinds.size === 0 || kinds.has(data.kind[node])) && (outcomes.size === 0 || outcomes.has(outcomeOf(node)))
    && (!state.scope || relation.get(node) === state.scope));
  fillList(found, state.node, relation);
  const isAll = found.length === size;
  byID("matches").dataset.count = found.length;
  byID("matches").replaceChildren((isAll ? "" : number(found.length) + " of ") + number(size) + " nodes",
    isAll ? "" : make("button", {
      type: "button", class: "link", onclick: () => go({ search: "", kinds: [], outcomes: [], scope: "" }),
    }, "show all"));
};

let shownNode = null;
const show = () => {
  state = read();
  const reached = state.node < 0 ? { feeds: [], fed: [] }
    : { feeds: reach(feeds, state.node), fed: reach(fed, state.node) };
  if (byID("search").value !== state.search) byID("search").value = state.search;
  showChips(reached);
  showMatches(reached);
  if (shownNode !== state.node) {
    if (state.node < 0) showOverview();
    else showNode(state.node, reached);
    if (shownNode !== null) byID("main").scrollTop = 0;
    shownNode = state.node;
  }
  document.title = (state.node < 0 ? "" : shortName(state.node) + " \u2013 ") + data.title;
};

byID("title").textContent = data.title;
byID("lastbuild").replaceChildren(...(data.built
  ? ["last build: ", ...shownOutcomes.filter(outcome => outcomeTotal(outcome) > 0 && outcome !== "unknown")
    .flatMap(outcome => [mark(outcome), number(outcomeTotal(outcome)) + " " + outcome + "  "])]
  : ["no bpfgen build is recorded"]));
byID("home").addEventListener("click", () => go({ node: -1 }));
addEventListener("popstate", show);
addEventListener("keydown", event => {
  const isTyping = document.activeElement === byID("search");
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && !isTyping) { byID("search").focus(); byID("search").select(); }
  else if (event.key === "Escape" && isTyping && byID("search").value) go({ search: "" });
  else if (event.key === "Escape") go({ node: -1 });
  else return;
  event.preventDefault();
});
show();
