const cardsInColumn = 9, neighboursListed = 100;

// A check is named after the final on a library's page, and after the library on a final's page.
const cardName = (node, selected) => {
  if (kindOf(node) !== "check" || node === selected) return shortName(node);
  const [library, final] = feeds.nodes(node);
  return kindOf(selected) === "final" ? "of " + nameOf(library) : "in " + nameOf(final);
};

const nodeCard = (node, selected) => make("button", {
  type: "button", class: "card " + kindOf(node) + " " + outcomeOf(node) + (node === selected ? " selected" : ""),
  "data-key": node, "aria-current": node === selected ? "true" : undefined,
  "aria-label": nameOf(node) + ", " + kindOf(node) + ", " + outcomeOf(node),
  title: nameOf(node) + (data.path[node] ? "\n" + pathOf(node) : ""), onclick: () => go({ node }),
},
  make("span", { class: "line" }, mark(outcomeOf(node)), make("bdi", { class: "name" }, cardName(node, selected))),
  make("span", { class: "kind" }, kindOf(node)));

const moreCard = (count, scope) => make("button", {
  type: "button", class: "card more", onclick: () => go({ scope, search: "", kinds: [], outcomes: [] }),
  title: "Show all of them in the list",
}, "+ " + number(count) + " more");

// The nodes one step away, then those two steps away: failed ones first, then in the order of the kinds.
const layers = (node, side) => {
  const near = new Set(side.nodes(node));
  const beyond = reach(side, node, 2).filter(other => !near.has(other));
  const weight = other => (outcomeOf(other) === "failed" ? 0 : 100) + data.kind[other];
  return [[...near], beyond].filter(column => column.length > 0)
    .map(column => column.sort((one, other) => weight(one) - weight(other) || one - other));
};

// Sorts the nodes of a column by their neighbors in the previous column, so that fewer edges cross.
const untangle = (column, before, back) => {
  const rowOf = new Map(before.map((node, row) => [node, row]));
  const middle = node => {
    const rowsTouched = back.nodes(node).filter(other => rowOf.has(other)).map(other => rowOf.get(other));
    return rowsTouched.length === 0 ? 1e9 : rowsTouched.reduce((sum, row) => sum + row, 0) / rowsTouched.length;
  };
  const keys = new Map(column.map(node => [node, middle(node)]));
  return column.slice().sort((one, other) => keys.get(one) - keys.get(other));
};

const sideColumns = (node, side, back, scope) => {
  let before = [node];
  return layers(node, side).map((all, index) => {
    const isCut = all.length > cardsInColumn;
    const shown = untangle(isCut ? all.slice(0, cardsInColumn - 1) : all, before, back);
    before = shown;
    const items = shown.map(other => ({ key: other, element: nodeCard(other, node) }));
    if (isCut) {
      const count = all.length - shown.length;
      items.push({ key: "more-" + scope + index, element: moreCard(count, scope) });
    }
    return items;
  });
};

// Edges from one column to the next. Edges within a column, or backwards, would cross cards; only the lists show them.
const edgesAmong = (columnOf, node) => {
  const edges = [];
  for (const [to, column] of columnOf) {
    for (const edge of feeds.edges(to)) {
      const from = data.from[edge];
      if (columnOf.get(from) !== column - 1) continue;
      const isNear = from === node || to === node;
      edges.push({ from, to, class: data.carried[data.carries[edge]] + (isNear ? " near" : " far") });
    }
  }
  return edges.sort((one, other) => one.class.includes("near") - other.class.includes("near"));
};

const surroundings = node => {
  const left = sideColumns(node, feeds, fed, "feeds").reverse();
  const right = sideColumns(node, fed, feeds, "fed");
  const columns = [...left, [{ key: node, element: nodeCard(node, node) }], ...right];
  const columnOf = new Map(columns.flatMap((column, index) =>
    column.filter(item => typeof item.key === "number").map(item => [item.key, index])));
  return draw(columns, edgesAmong(columnOf, node), "What " + nameOf(node) + " depends on, and what depends on it");
};

const carriedWords = {
  content: "its content", layout: "only its layout: a change of code stops here",
  contract: "only its contract: what library and final must agree on",
  needs: "what it asks of kernels: a change of code that asks the same stops here",
  answers: "what this kernel answers: another kernel that answers the same changes nothing",
};
const nodeButton = (node, remark) => make("button", {
  type: "button", class: "neighbour", "data-node": node, onclick: () => go({ node }),
},
  mark(outcomeOf(node)),
  make("span", { class: "texts" },
    make("span", { class: "line" }, make("bdi", { class: "name" }, shortName(node)),
      make("span", { class: "kind" }, kindOf(node))),
    subtitle(node)),
  remark);
const neighbour = (edge, node) => make("li", { class: outcomeOf(node) },
  
  nodeButton(node, make("span", {
    class: "carries " + data.carried[data.carries[edge]], title: carriedWords[data.carried[data.carries[edge]]],
  }, data.carried[data.carries[edge]])));

const neighbours = (id, heading, node, side, all, scope) => {
  const edges = Array.from(side.edges(node));
  const listed = edges.slice(0, neighboursListed).map(edge => neighbour(edge, side.other(edge)));
  const inAll = all.length > listed.length ? make("button", {
    type: "button", class: "link", onclick: () => go({ scope, search: "", kinds: [], outcomes: [] }),
  }, "all " + number(all.length) + ", direct and indirect") : null;
  return make("section", { id, class: "neighbours", "data-direct": edges.length, "data-all": all.length },
    make("h3", {}, heading, make("span", { class: "count" }, number(edges.length)), inAll),
    edges.length === 0 ? make("p", { class: "none" }, "nothing") : make("ul", {}, ...listed),
    edges.length > listed.length
      ? make("p", { class: "none" }, "and " + number(edges.length - listed.length) + " more") : null);
};

const stepWords = node => {
  const steps = data.steps[node];
  const none = { object: "only linked, not inspected by itself", file: "a file that is read, such as the object that payloads are like, or a kernel" };
  if (steps.length === 0) return none[kindOf(node)] || "";
  return steps.map(([rule, outcome]) =>
    data.rules[rule] + (outcome < 0 ? "" : " " + data.outcomes[outcome])).join(", then ");
};

const fact = (label, value) => make("div", {}, make("dt", {}, label), make("dd", {}, value));

const showNode = (node, reached) => {
  // A keyboard user continues from the card that is now in the middle.
  const isWalking = byID("main").contains(document.activeElement);
  const aliases = data.aliases[node] || [];
  const path = pathOf(node);
  byID("main").replaceChildren(
    make("article", { id: "node", "data-node": node, class: kindOf(node) + " " + outcomeOf(node) },
      make("div", { class: "heading" },
        make("h2", {}, make("bdi", {}, shortName(node))),
        make("span", { class: "tag" }, kindOf(node)),
        make("span", { class: "pill " + outcomeOf(node) }, mark(outcomeOf(node)),
          outcomeOf(node) === "unknown" ? "no outcome recorded" : outcomeOf(node))),
      make("dl", {},
        path === null ? null : fact("path", make("bdi", { class: "mono" }, path)),
        aliases.length === 0 ? null : fact("also called", make("bdi", {}, aliases.join(", "))),
        fact("tasks", stepWords(node))),
      surroundings(node),
      make("div", { class: "two" },
        neighbours("feeds", "Depends on", node, feeds, reached.feeds, "feeds"),
        neighbours("fed", "Used by", node, fed, reached.fed, "fed"))));
  const selected = document.querySelector(".pane .selected");
  const pane = document.querySelector(".pane");
  if (isWalking) selected.focus({ preventScroll: true });
  pane.scrollLeft = selected.offsetLeft - (pane.clientWidth - selected.offsetWidth) / 2;
};
