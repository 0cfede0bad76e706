const failuresListed = 12, widestListed = 8;
const allOutcomes = [...data.outcomes, "unknown"];

const counts = data.kinds.map(() => allOutcomes.map(() => 0));
for (let node = 0; node < size; node++) {
  counts[data.kind[node]][allOutcomes.indexOf(outcomeOf(node))]++;
}
const total = numbers => numbers.reduce((sum, count) => sum + count, 0);
const kindTotal = kind => total(counts[data.kinds.indexOf(kind)]);
const outcomeTotal = outcome => total(counts.map(row => row[allOutcomes.indexOf(outcome)]));
const shownOutcomes = allOutcomes.filter(outcome =>
  data.built && (outcome !== "unknown" || outcomeTotal(outcome) > 0));
const countedOutcomes = shownOutcomes.filter(outcome => outcomeTotal(outcome) > 0);

const bar = numbers => make("span", { class: "bar", "aria-hidden": "true" },
  ...numbers.map((count, index) => {
    if (count === 0) return null;
    const part = make("span", { class: allOutcomes[index] });
    part.style.flexGrow = count;
    return part;
  }));

const kindCard = kind => make("button", {
  type: "button", class: "card ofkind " + kind, "data-key": kind,
  title: "Show them in the list", onclick: () => go({ kinds: [kind], outcomes: [], search: "", scope: "" }),
},
  make("span", { class: "line" }, make("span", { class: "name" }, number(kindTotal(kind))),
    make("span", { class: "kind" }, kindTotal(kind) === 1 ? kind : kindPlural(kind))),
  data.built ? bar(counts[data.kinds.indexOf(kind)]) : null);

// Rows in which few edges pass under a card. Libraries and finals have several, because it depends on the graph which
// edges there are: those of an object that is linked into no library pass by its column.
const kindColumns = (library, final) => [
  { file: 0, object: 1 }, { library }, { final }, { skeleton: 0, payload: 1, check: 2.15, subskeleton: 3.2, btf: 4.25 },
];
const libraryRows = [3.2, 4.25, 5.3], finalRows = [1.75, 4.25, 5.3, 0, 3.2];
const narrowGap = 28, narrowestKind = 104;
const kindDrawing = () => {
  const links = new Set(data.from.map((from, edge) =>
    data.kind[from] + " " + data.kind[data.to[edge]] + " " + data.carries[edge]));
  const edges = [];
  for (const key of links) {
    const [from, to, carries] = key.split(" ").map(Number);
    if (from === to) continue;
    edges.push({ from: data.kinds[from], to: data.kinds[to], class: data.carried[carries] + " near" });
  }
  const columnsIn = (library, final) => kindColumns(library, final)
    .map(column => Object.entries(column).filter(([kind]) => kindTotal(kind) > 0)
      .map(([kind, row]) => ({ key: kind, row, element: kindCard(kind) })))
    .filter(column => column.length > 0);
  const columns = libraryRows.flatMap(library => finalRows.map(final => columnsIn(library, final)))
    .map(columns => ({ columns, hidden: edgesUnderCards(columns, edges) }))
    .reduce((best, other) => other.hidden < best.hidden ? other : best).columns;
  if (columns.length === 0) return make("p", { class: "none" }, "The graph is empty.");
  const label = "The kinds of nodes, and which depends on which";
  // On a telephone the columns are below each other, without edges.
  if (cardWidthFor(columns.length, narrowGap, 0) < narrowestKind) {
    return make("div", { class: "pane", role: "group", "aria-label": label }, ...columns.map(column =>
      make("div", { class: "level" }, ...column.map(item => item.element))));
  }
  const fits = cardWidthFor(columns.length, columnGap, 0) >= leastWidth;
  return fits ? draw(columns, edges, label) : draw(columns, edges, label, narrowGap, narrowestKind);
};

const cell = (count, filters, className) => make("td", { class: className },
  count === 0 ? make("span", { class: "zero" }, "0")
    : make("button", {
      type: "button", class: "link", onclick: () => go({ search: "", scope: "", ...filters }),
    }, number(count)));

const table = () => make("table", { id: "counts" },
  make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "kind"), make("th", { scope: "col" }, "nodes"),
    ...countedOutcomes.map(outcome => make("th", { scope: "col" }, mark(outcome),
      make("span", { class: "word" }, " " + outcome))))),
  make("tbody", {}, ...data.kinds.filter(kind => kindTotal(kind) > 0).map(kind =>
    make("tr", { "data-kind": kind }, make("th", { scope: "row" }, kindPlural(kind)),
      cell(kindTotal(kind), { kinds: [kind], outcomes: [] }, "all"),
      ...countedOutcomes.map(outcome => cell(counts[data.kinds.indexOf(kind)][allOutcomes.indexOf(outcome)],
        { kinds: [kind], outcomes: [outcome] }, outcome))))),
  make("tfoot", {}, make("tr", {}, make("th", { scope: "row" }, "all"),
    cell(size, { kinds: [], outcomes: [] }, "all"),
    ...countedOutcomes.map(outcome =>
      cell(outcomeTotal(outcome), { kinds: [], outcomes: [outcome] }, outcome)))));

const meanings = {
  ran: "ran: it was made or checked again", kept: "kept: it was up to date",
  skipped: "skipped: a dependency failed, or the build ended first", failed: "failed",
  unknown: "unknown: it has no task of its own, or the last build did not reach it",
};
const line = className => svg("svg", { width: 34, height: 10, "aria-hidden": "true" },
  svg("path", { d: "M0 5H34", class: "edge near " + className }));
const legend = () => make("ul", { id: "legend" },
  ...(data.built ? shownOutcomes.map(outcome => make("li", {}, mark(outcome), meanings[outcome]))
    : [make("li", {}, mark("unknown"), 
      "no outcome is recorded: \"bpfgen build\" records them, other build tools that run the steps do not")]),
  kindTotal("file") === 0 ? null : make("li", {}, make("span", { class: "mark" }, ""),
    "file: another file that is read, such as the object that payloads are like, or a kernel"),
  make("li", {}, line("content"), "consumes the content"),
  make("li", {}, line("layout"), 
    "consumes only the layout, the contract, the needs or a kernel's answers: a change of code stops here"));

const shortList = (id, heading, nodes, remark) => nodes.length === 0 ? null
  : make("section", { id, class: "neighbours" }, make("h3", {}, heading),
    make("ul", {}, ...nodes.map(node => make("li", {},
      nodeButton(node, make("span", { class: "carries" }, remark(node)))))));

const widest = () => {
  const nodes = Array.from({ length: size }, (_, node) => node).filter(node => fed.degree(node) > 1);
  return nodes.sort((one, other) => fed.degree(other) - fed.degree(one) || one - other).slice(0, widestListed);
};
const failures = Array.from({ length: size }, (_, node) => node).filter(node => outcomeOf(node) === "failed");

const showOverview = () => byID("main").replaceChildren(
  make("article", { id: "overview" },
    make("div", { class: "heading" }, make("h2", {}, "The whole graph"),
      make("span", { class: "tag" }, number(size) + " nodes, " + number(data.from.length) + " edges")),
    kindDrawing(),
    make("div", { class: "two uneven" }, make("section", {}, make("h3", {}, "Counts"), table()),
      make("section", {}, make("h3", {}, "Legend"), legend())),
    make("div", { class: "two" },
      shortList("failures", "Failed", failures.slice(0, failuresListed), () => ""),
      shortList("widest", "Used the most", widest(), node => "used by " + number(fed.degree(node)) + " directly"))));
