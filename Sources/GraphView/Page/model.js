const size = data.name.length;
const byID = id => document.getElementById(id);

const nameOf = node => data.name[node];
const pathOf = node => data.path[node] === 0 ? data.name[node] : data.path[node];
const kindOf = node => data.kinds[data.kind[node]];
const outcomeName = index => index < 0 ? "unknown" : data.outcomes[index];
const outcomeOf = node => outcomeName(data.outcome[node]);

const kindPlural = kind => kind === "library" ? "libraries" : kind + "s";
const number = new Intl.NumberFormat("en").format;

// The last part of a path identifies a file to users; it is never truncated.
const parted = text => {
  const slash = text.lastIndexOf("/");
  return [text.slice(0, slash + 1), text.slice(slash + 1)];
};

// The edges of all nodes in one array; those of node n are from starts[n] to starts[n + 1].
const adjacency = (own, other) => {
  const starts = new Int32Array(size + 1);
  for (const node of own) starts[node + 1]++;
  for (let node = 0; node < size; node++) starts[node + 1] += starts[node];
  const next = starts.slice();
  const edges = new Int32Array(own.length);
  own.forEach((node, edge) => { edges[next[node]++] = edge; });
  return {
    degree: node => starts[node + 1] - starts[node],
    edges: node => edges.subarray(starts[node], starts[node + 1]),
    other: edge => other[edge],
    nodes: node => Array.from(edges.subarray(starts[node], starts[node + 1]), edge => other[edge]),
  };
};
const feeds = adjacency(data.to, data.from);
const fed = adjacency(data.from, data.to);

// All nodes that can be reached from one, without itself, within a number of steps.
const reach = (side, node, steps = Infinity) => {
  const seen = new Uint8Array(size);
  const found = [];
  seen[node] = 1;
  let ends = [node];
  for (let step = 0; step < steps && ends.length > 0; step++) {
    const beyond = [];
    for (const end of ends) {
      for (const edge of side.edges(end)) {
        const other = side.other(edge);
        if (seen[other]) continue;
        seen[other] = 1;
        beyond.push(other);
        found.push(other);
      }
    }
    ends = beyond;
  }
  return found;
};

const haystacks = data.name.map((name, node) => {
  const path = data.path[node];
  return [name, path === 0 || path === null ? "" : path, ...(data.aliases[node] || [])].join("\n").toLowerCase();
});

// Nodes whose name or path contains all words: exact names first, then names that begin with the text.
const search = (text, allows) => {
  const whole = text.trim().toLowerCase();
  const words = whole.split(/\s+/).filter(word => word);
  const ranks = [[], [], []];
  for (let node = 0; node < size; node++) {
    if (!allows(node)) continue;
    const haystack = haystacks[node];
    if (!words.every(word => haystack.includes(word))) continue;
    const isNamed = whole && haystack.split("\n").includes(whole);
    ranks[isNamed ? 0 : whole && haystack.startsWith(whole) ? 1 : 2].push(node);
  }
  return ranks[0].concat(ranks[1], ranks[2]);
};

const named = new Map();
for (let node = size - 1; node >= 0; node--) {
  for (const alias of data.aliases[node] || []) named.set(alias, node);
  if (pathOf(node) !== null) named.set(pathOf(node), node);
}
for (let node = size - 1; node >= 0; node--) named.set(nameOf(node), node);

const marks = { ran: "\u25cf", kept: "\u25cb", skipped: "\u2013", failed: "\u2715", unknown: "\u00b7" };
const mark = outcome =>
  make("span", { class: "mark " + outcome, role: "img", "aria-label": outcome, title: outcome }, marks[outcome]);

const pathText = (text, className) => {
  const [folder, base] = parted(text);
  return make("bdi", { class: className, title: text },
    folder ? make("span", { class: "folder" }, folder) : null, make("span", { class: "base" }, base));
};
// If the name of a file is its path, show the last part.
const shortName = node => data.path[node] === 0 ? parted(nameOf(node))[1] : nameOf(node);
const subtitle = node => pathOf(node) === null
  ? make("span", { class: "path" }, "a check, which writes no file") : pathText(pathOf(node), "path");
