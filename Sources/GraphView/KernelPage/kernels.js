const byID = id => document.getElementById(id);
const number = new Intl.NumberFormat("en").format;
const levels = ["ok", "guarded", "may-fail", "fails", "not-checked"];
const words = { ok: "ok", guarded: "guarded", "may-fail": "may fail", fails: "fails", "not-checked": "not checked" };
const meanings = {
  ok: "The kernel has all that the object asks for.",
  guarded: "Something is missing, and no program reaches it there.",
  "may-fail": "Something is missing, and whether a program reaches it depends on a variable that is set when the object is loaded, or on what the verifier knows.",
  fails: "libbpf or the verifier refuses the object.",
  "not-checked": "The kernel's BTF cannot be read.",
};
// The outcome of each object on kernels that could not be read.
const notChecked = {
  outcome: "not-checked", kernels: data.kernels.filter(kernel => kernel.unreadable).map(kernel => kernel.name), findings: [],
};
const worded = outcome => words[outcome.outcome] + (outcome.known ? " (known)" : "");

// By object and kernel, the number of the outcome.
const kernelNumbers = new Map(data.kernels.map((kernel, index) => [kernel.name, index]));
const outcomeOf = data.objects.map(object => {
  const numbers = new Int32Array(data.kernels.length).fill(-1);
  object.outcomes.forEach((outcome, index) => {
    for (const name of outcome.kernels) numbers[kernelNumbers.get(name)] = index;
  });
  return numbers;
});

// Kernels on which each object has the same outcome are one column, at the place of the first of them.
const columns = [];
const columnOf = new Map();
data.kernels.forEach((kernel, index) => {
  const key = outcomeOf.map(numbers => numbers[index]).join(" ");
  if (!columnOf.has(key)) {
    columnOf.set(key, columns.length);
    columns.push([]);
  }
  columns[columnOf.get(key)].push(index);
});

// Kernels that follow one another as one range each.
const ranges = numbers => {
  const found = [];
  let start = 0;
  numbers.forEach((kernel, at) => {
    if (numbers[at + 1] === kernel + 1) return;
    const [first, last] = [data.kernels[numbers[start]].name, data.kernels[kernel].name];
    found.push(start === at ? first : first + " to " + last);
    start = at + 1;
  });
  return found;
};
const cellOutcome = (object, column) => data.objects[object].outcomes[outcomeOf[object][columns[column][0]]] ?? notChecked;
const plural = (count, word) => number(count) + " " + word + (count === 1 ? "" : "s");

let shown = { search: "", outcomes: [], object: -1, column: -1 };
let grid = { objects: [], columns: [] };

const written = () => {
  const fields = new URLSearchParams();
  if (shown.search) fields.set("search", shown.search);
  if (shown.outcomes.length) fields.set("outcome", shown.outcomes.join(","));
  if (shown.object >= 0) {
    fields.set("object", data.objects[shown.object].object);
    fields.set("kernel", data.kernels[columns[shown.column][0]].name);
  }
  return "#" + fields;
};
const read = () => {
  const fields = new URLSearchParams(location.hash.slice(1));
  const object = data.objects.findIndex(object => object.object === fields.get("object"));
  const column = columns.findIndex(kernels => kernels.includes(kernelNumbers.get(fields.get("kernel"))));
  const isCell = object >= 0 && column >= 0;
  return {
    search: fields.get("search") || "",
    outcomes: (fields.get("outcome") || "").split(",").filter(word => levels.includes(word)),
    object: isCell ? object : -1, column: isCell ? column : -1,
  };
};
const go = change => {
  shown = { ...shown, ...change };
  history.replaceState(null, "", written());
  show();
};

// A word names an object, or a kernel; rows and columns without it are left out.
const match = () => {
  const texts = shown.search.toLowerCase().split(/\s+/).filter(word => word);
  const hasKernel = (column, word) => columns[column].some(kernel => data.kernels[kernel].name.toLowerCase().includes(word));
  const hasName = (object, word) => data.objects[object].object.toLowerCase().includes(word);
  let objects = data.objects.map((_, index) => index);
  let some = columns.map((_, index) => index);
  for (const word of texts) {
    const named = objects.filter(object => hasName(object, word));
    const having = some.filter(column => hasKernel(column, word));
    if (named.length === 0 && having.length === 0) return { objects: [], columns: [] };
    if (named.length > 0) objects = named;
    if (having.length > 0) some = having;
  }
  if (shown.outcomes.length > 0) {
    const counts = (object, column) => shown.outcomes.includes(cellOutcome(object, column).outcome);
    objects = objects.filter(object => some.some(column => counts(object, column)));
    some = some.filter(column => objects.some(object => counts(object, column)));
  }
  return { objects, columns: some };
};

const cell = (object, column) => {
  const outcome = cellOutcome(object, column);
  const isSelected = shown.object === object && shown.column === column;
  return make("td", { role: "gridcell" }, make("button", {
    type: "button", class: "cell " + outcome.outcome, "data-object": object, "data-column": column, tabindex: -1,
    "aria-selected": String(isSelected), title: ranges(columns[column]).join(", "),
    "aria-label": data.objects[object].object + " on " + ranges(columns[column]).join(", ") + ": " + worded(outcome),
    onclick: () => go({ object, column }),
  }, worded(outcome)));
};

const showMatrix = () => {
  grid = match();
  const table = byID("matrix");
  byID("matches").dataset.count = grid.objects.length;
  byID("matches").textContent = plural(grid.objects.length, "object") + ", "
    + plural(grid.columns.reduce((sum, column) => sum + columns[column].length, 0), "kernel") + " in "
    + plural(grid.columns.length, "group");
  if (grid.objects.length === 0 || grid.columns.length === 0) {
    table.replaceChildren(make("caption", { class: "none" }, "Nothing has this name and outcome."));
    return;
  }
  const head = make("tr", { role: "row" }, make("th", { scope: "col" }, "object"),
    ...grid.columns.map(column => make("th", { scope: "col", title: ranges(columns[column]).join(", ") },
      make("div", {}, make("b", {}, plural(columns[column].length, "kernel")), ranges(columns[column]).join(", ")))));
  table.replaceChildren(make("thead", {}, head), make("tbody", {}, ...grid.objects.map(object =>
    make("tr", { role: "row" }, make("th", { scope: "row", title: data.objects[object].object }, data.objects[object].object),
      ...grid.columns.map(column => cell(object, column))))));
  // One cell is reached by the Tab key, the others from it by the arrows.
  const current = table.querySelector(".cell[aria-selected=true]") || table.querySelector(".cell");
  current.tabIndex = 0;
};

const finding = entry => make("li", {},
  entry.file ? make("span", { class: "place" }, entry.file + (entry.line ? ":" + entry.line : "")
    + (entry.program ? ": " + entry.program : "")) : entry.program ? make("span", { class: "place" }, entry.program) : null,
  make("b", {}, entry.subject), ": " + entry.problem,
  entry.outcome === "guarded" ? " (not reached)" : entry.variable ? " (if '" + entry.variable + "' lets the program reach it)" : entry.outcome === "may-fail" ? " (if the verifier reaches it)" : "",
  entry.known && entry.outcome !== "guarded" ? " (in the baseline)" : "",
  entry.instead ? make("span", { class: "instead" }, entry.instead) : null);

const showDetails = () => {
  const details = byID("details");
  if (shown.object < 0) {
    details.replaceChildren(make("p", { class: "help" },
      "Choose a cell to see what the kernels lack. Arrow keys move, Enter chooses, / searches, Escape clears."),
      make("h3", {}, "Outcomes"), make("ul", {}, ...levels.map(level =>
        make("li", {}, make("b", { class: level }, words[level]), ": " + meanings[level]))));
    return;
  }
  const object = data.objects[shown.object];
  const outcome = cellOutcome(shown.object, shown.column);
  details.replaceChildren(
    make("h2", {}, object.object),
    make("p", { class: "outcome" }, make("b", { class: outcome.outcome }, words[outcome.outcome]),
      outcome.known ? " as in the baseline" : null, " on " + plural(outcome.kernels.length, "kernel")),
    outcome.findings.length > 0 ? make("h3", {}, "What is missing") : make("p", { class: "help" }, meanings[outcome.outcome]),
    outcome.findings.length > 0 ? make("ul", { class: "findings" }, ...outcome.findings.map(finding)) : null,
    object.unchecked.length > 0 ? make("h3", {}, "Not checked, BTF does not have it") : null,
    object.unchecked.length > 0 ? make("ul", { class: "kernels" }, ...object.unchecked.map(name => make("li", {}, name))) : null,
    make("h3", {}, "Kernels"),
    make("ul", { class: "kernels" }, ...ranges(outcome.kernels.map(name => kernelNumbers.get(name)).sort((a, b) => a - b))
      .map(text => make("li", {}, text))));
};

const showChips = () => {
  const counts = Object.fromEntries(levels.map(level => [level, 0]));
  for (const object of data.objects) {
    for (const outcome of object.outcomes) counts[outcome.outcome] += outcome.kernels.length;
    counts["not-checked"] += notChecked.kernels.length;
  }
  byID("outcomes").replaceChildren(...levels.filter(level => counts[level] > 0).map(level => {
    const isOn = shown.outcomes.includes(level);
    return make("button", {
      type: "button", class: "chip", "aria-pressed": String(isOn), "data-outcome": level,
      title: meanings[level],
      onclick: () => go({ outcomes: isOn ? shown.outcomes.filter(other => other !== level) : [...shown.outcomes, level] }),
    }, make("span", { class: level }, words[level]), " " + number(counts[level]));
  }));
};

const show = () => {
  if (byID("search").value !== shown.search) byID("search").value = shown.search;
  const focused = document.activeElement?.dataset;
  const had = focused && (focused.object !== undefined || focused.outcome !== undefined) ? { ...focused } : null;
  showChips();
  showMatrix();
  showDetails();
  // What had the focus was made again.
  if (had?.object !== undefined) focusCell(Number(had.object), Number(had.column));
  else if (had) document.querySelector(`.chip[data-outcome="${had.outcome}"]`)?.focus();
};

const focusCell = (object, column) => {
  const next = document.querySelector(`.cell[data-object="${object}"][data-column="${column}"]`);
  if (!next) return;
  for (const other of document.querySelectorAll(".cell[tabindex='0']")) other.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
};
byID("matrix").addEventListener("keydown", event => {
  const from = event.target.dataset;
  if (from.object === undefined) return;
  let row = grid.objects.indexOf(Number(from.object));
  let at = grid.columns.indexOf(Number(from.column));
  switch (event.key) {
    case "ArrowRight": at++; break;
    case "ArrowLeft": at--; break;
    case "ArrowDown": row++; break;
    case "ArrowUp": row--; break;
    case "Home": at = 0; break;
    case "End": at = grid.columns.length - 1; break;
    default: return;
  }
  event.preventDefault();
  if (row in grid.objects && at in grid.columns) focusCell(grid.objects[row], grid.columns[at]);
});
byID("search").addEventListener("input", event => go({ search: event.target.value }));
addEventListener("keydown", event => {
  const isTyping = document.activeElement === byID("search");
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && !isTyping) { byID("search").focus(); byID("search").select(); }
  else if (event.key === "Escape" && isTyping && shown.search) go({ search: "" });
  else if (event.key === "Escape") go({ object: -1, column: -1 });
  else return;
  event.preventDefault();
});
addEventListener("hashchange", () => { shown = read(); show(); });

byID("summary").textContent = plural(data.objects.length, "object") + " on " + plural(data.kernels.length, "kernel");
shown = read();
show();
