const cardHeight = 46, cardGap = 9, columnGap = 48, leastWidth = 148;

// The widest cards for which the columns fit.
const cardWidthFor = (columns, gap = columnGap, least = leastWidth) => {
  const space = Math.min(byID("main").clientWidth - 56, 1180) - 42;
  return Math.max(least, Math.min(214, Math.floor((space + gap) / columns - gap)));
};

// A name that is too long loses letters in its middle; a share of those that remain is from its beginning.
const ruler = document.createElement("canvas").getContext("2d");
const fitted = (text, width, share) => {
  ruler.font = "600 13px " + getComputedStyle(document.body).fontFamily;
  if (ruler.measureText(text).width <= width) return text;
  const letters = [...text];
  const cut = kept => {
    const first = Math.ceil(kept * share);
    return letters.slice(0, first).join("") + "\u2026" + letters.slice(letters.length - kept + first).join("");
  };
  let kept = Math.min(letters.length - 1, 40);
  while (kept > 2 && ruler.measureText(cut(kept)).width > width) kept--;
  return cut(kept);
};

// Names of a column as they are shown: different names differ, if any of these cuts can do that.
const fittedNames = (names, width) => {
  const cuts = [1 / 2, 1 / 3, 2 / 3, 1 / 6, 5 / 6].map(share => names.map(name => fitted(name, width, share)));
  const variety = shown => new Set(shown).size;
  return cuts.reduce((best, shown) => variety(shown) > variety(best) ? shown : best);
};

const curveEnds = (from, to, cardWidth) => {
  const x1 = from.x + cardWidth, y1 = from.y + cardHeight / 2;
  const x2 = to.x, y2 = to.y + cardHeight / 2;
  return { x1, y1, x2, y2, bend: Math.max(28, (x2 - x1) / 2) };
};
const curvePoint = (from, to, cardWidth, share) => {
  const { x1, y1, x2, y2, bend } = curveEnds(from, to, cardWidth);
  const rest = 1 - share;
  const [start, first, second, end] = [rest ** 3, 3 * rest ** 2 * share, 3 * rest * share ** 2, share ** 3];
  return {
    x: start * x1 + first * (x1 + bend) + second * (x2 - bend) + end * x2,
    y: (start + first) * y1 + (second + end) * y2,
  };
};
const curve = (from, to, cardWidth) => {
  const { x1, y1, x2, y2, bend } = curveEnds(from, to, cardWidth);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2 - 5} ${y2}`;
};

// How many edges pass under cards at their rows, which they would seem to come from.
const edgesUnderCards = (columns, edges) => {
  const pitch = cardHeight + cardGap, cardWidth = 166;
  const places = new Map(columns.flatMap((column, index) => column.map(item =>
    [item.key, { x: index * (cardWidth + columnGap), y: item.row * pitch }])));
  const isUnder = (point, place) => point.x > place.x && point.x < place.x + cardWidth
    && point.y > place.y - 4 && point.y < place.y + cardHeight + 4;
  return edges.filter(edge => {
    const from = places.get(edge.from), to = places.get(edge.to);
    const points = Array.from({ length: 60 }, (_, step) => curvePoint(from, to, cardWidth, step / 60));
    return [...places].some(([key, place]) =>
      key !== edge.from && key !== edge.to && points.some(point => isUnder(point, place)));
  }).length;
};

const svg = (tag, attributes, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

// One marker for each color, because a marker does not inherit its line's color.
const tip = name => svg("marker", {
  id: "tip-" + name, class: "tip " + name, viewBox: "0 0 6 6", refX: 1, refY: 3, markerWidth: 6, markerHeight: 6,
  markerUnits: "userSpaceOnUse", orient: "auto",
}, svg("path", { d: "M0 0L6 3L0 6z" }));

// Columns contain { key, element }, centered vertically unless they have a row; an edge has from and to (keys) and a
// class.
const draw = (columns, edges, label, gap = columnGap, least = leastWidth) => {
  const pitch = cardHeight + cardGap;
  const cardWidth = cardWidthFor(columns.length, gap, least);
  const lowest = column => Math.max(column.length, ...column.map(item => (item.row ?? 0) + 1));
  const height = Math.max(...columns.map(lowest)) * pitch - cardGap;
  const width = columns.length * (cardWidth + gap) - gap;
  const places = new Map();
  const cards = [];
  columns.forEach((column, index) => {
    const top = (height - column.length * pitch + cardGap) / 2;
    const names = column.map(item => item.element.querySelector("bdi.name"));
    const shown = fittedNames(names.map(name => name ? name.textContent : ""), cardWidth - 38);
    column.forEach((item, row) => {
      const y = item.row === undefined ? top + row * pitch : item.row * pitch;
      const place = { x: index * (cardWidth + gap), y };
      places.set(item.key, place);
      item.element.style.left = place.x + "px";
      item.element.style.top = place.y + "px";
      item.element.style.width = cardWidth + "px";
      if (names[row]) names[row].textContent = shown[row];
      item.element.dataset.column = index;
      item.element.dataset.row = row;
      cards.push(item.element);
    });
  });
  const lines = edges.filter(edge => places.has(edge.from) && places.has(edge.to)).map(edge =>
    svg("path", {
      d: curve(places.get(edge.from), places.get(edge.to), cardWidth), class: "edge " + edge.class,
      "data-from": edge.from, "data-to": edge.to,
      "marker-end": edge.class.includes("near") ? "url(#tip-near)" : "url(#tip-far)",
    }));
  const canvas = svg("svg", { width, height, "aria-hidden": "true" },
    svg("defs", {}, tip("near"), tip("far"), tip("lit")), ...lines);
  const drawing = make("div", { class: cardWidth < leastWidth ? "drawing narrow" : "drawing", role: "group", "aria-label": label }, canvas, ...cards);
  drawing.style.width = width + "px";
  drawing.style.height = height + "px";
  for (const type of ["pointerover", "focusin"]) drawing.addEventListener(type, event => light(drawing, event));
  drawing.addEventListener("pointerleave", () => light(drawing, null));
  drawing.addEventListener("keydown", event => walk(drawing, event));
  return make("div", { class: "pane" }, drawing);
};

// Highlights the edges of the card under the pointer or with the focus, and everything upstream and downstream.
const light = (drawing, event) => {
  const card = event && event.target.closest(".card");
  const lines = [...drawing.querySelectorAll(".edge")];
  const lit = new Set();
  if (card && card.dataset.key !== undefined) {
    for (const [near, far] of [["from", "to"], ["to", "from"]]) {
      const ends = [card.dataset.key];
      const seen = new Set(ends);
      while (ends.length > 0) {
        const end = ends.pop();
        for (const line of lines) {
          if (line.dataset[near] !== end) continue;
          lit.add(line);
          const next = line.dataset[far];
          if (!seen.has(next)) { seen.add(next); ends.push(next); }
        }
      }
    }
  }
  for (const line of lines) line.classList.toggle("lit", lit.has(line));
};

// Arrow keys move between cards: up and down in a column, left and right to the nearest card of the next column.
const walk = (drawing, event) => {
  const card = event.target.closest(".card");
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!card || !step) return;
  event.preventDefault();
  const column = Number(card.dataset.column) + step[0];
  const candidates = [...drawing.querySelectorAll(`.card[data-column="${column}"]`)];
  if (step[0] === 0) {
    const next = candidates[Number(card.dataset.row) + step[1]];
    if (next) next.focus();
    return;
  }
  const distance = other => Math.abs(other.offsetTop - card.offsetTop);
  candidates.sort((one, other) => distance(one) - distance(other));
  if (candidates.length > 0) candidates[0].focus();
};
