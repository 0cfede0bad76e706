const rowHeight = 46;
const viewport = byID("viewport");
const list = byID("list");
const rows = { nodes: [], active: -1, selected: -1, relation: new Map() };

const relationWords = { feeds: "the selected node depends on it", fed: "depends on the selected node" };
const makeRow = index => {
  const node = rows.nodes[index];
  const relation = rows.relation.get(node);
  const row = make("div", {
    id: "row-" + index, class: "row " + kindOf(node) + " " + outcomeOf(node), role: "option", "data-node": node,
    "aria-selected": String(node === rows.selected), "aria-posinset": index + 1,
    "aria-setsize": rows.nodes.length,
  },
    mark(outcomeOf(node)),
    make("span", { class: "texts" },
      make("span", { class: "line" },
        make("bdi", { class: "name" }, shortName(node)),
        relation ? make("span", { class: "relation", title: relationWords[relation] },
          relation === "feeds" ? "\u2192" : "\u2190") : null,
        make("span", { class: "kind" }, kindOf(node))),
      subtitle(node)));
  if (index === rows.active) row.classList.add("active");
  row.style.top = index * rowHeight + "px";
  return row;
};

const showRows = () => {
  const first = Math.max(0, Math.floor(viewport.scrollTop / rowHeight) - 6);
  const last = Math.min(rows.nodes.length, first + Math.ceil(viewport.clientHeight / rowHeight) + 12);
  const visible = [];
  for (let index = first; index < last; index++) visible.push(makeRow(index));
  list.replaceChildren(...visible);
  const active = document.getElementById("row-" + rows.active);
  if (active) byID("search").setAttribute("aria-activedescendant", active.id);
  else byID("search").removeAttribute("aria-activedescendant");
};

const bringIntoView = (index, margin = 0) => {
  const top = index * rowHeight;
  const lowest = top + rowHeight - viewport.clientHeight;
  if (top < viewport.scrollTop) viewport.scrollTop = top - margin;
  if (lowest > viewport.scrollTop) viewport.scrollTop = lowest + margin;
};

const activate = index => {
  if (rows.nodes.length === 0) return;
  rows.active = Math.max(0, Math.min(rows.nodes.length - 1, index));
  bringIntoView(rows.active);
  showRows();
};

const fillList = (nodes, selected, relation) => {
  const sameNodes = nodes.length === rows.nodes.length && nodes.every((node, index) => node === rows.nodes[index]);
  Object.assign(rows, { nodes, selected, relation });
  list.style.height = nodes.length * rowHeight + "px";
  rows.active = nodes.indexOf(selected);
  if (!sameNodes) viewport.scrollTop = 0;
  if (rows.active >= 0) bringIntoView(rows.active, viewport.clientHeight / 3);
  showRows();
};

viewport.addEventListener("scroll", showRows, { passive: true });
new ResizeObserver(showRows).observe(viewport);
list.addEventListener("click", event => {
  const row = event.target.closest(".row");
  if (row) go({ node: Number(row.dataset.node) });
});

const moves = {
  ArrowDown: () => rows.active + 1, ArrowUp: () => rows.active - 1,
  PageDown: () => rows.active + 10, PageUp: () => rows.active - 10,
};
byID("search").addEventListener("keydown", event => {
  if (moves[event.key]) activate(moves[event.key]());
  else if (event.key === "Enter" && rows.nodes.length > 0) go({ node: rows.nodes[Math.max(0, rows.active)] });
  else return;
  event.preventDefault();
});
byID("search").addEventListener("input", event => go({ search: event.target.value }, { replaces: true }));
