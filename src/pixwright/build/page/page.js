"use strict";
// The rows are in samples.js, not fetched: a page that is opened from the file system may not fetch.
const PAGE = 60;
const rows = window.SAMPLES, by = id => document.getElementById(id);
let shown = [], page = 0, current = 0;

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined && value !== "") node.setAttribute(name, value);
  node.append(...children.filter(child => child !== undefined && child !== ""));
  return node;
}

function tally(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) || 0) + 1);
  return [...counts].sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

function choices(select, counted, all) {
  select.replaceChildren(element("option", { value: "" }, all), ...counted.map(([name, count]) => element("option", { value: name }, count === undefined ? name : `${name} (${count})`)));
  select.firstChild.value = "";
}

const rule = row => row.rejected.split(":")[0];

function setUp() {
  by("title").textContent = document.title = window.TITLE;
  choices(by("type"), tally(rows.map(row => row.type)), "all");
  choices(by("reason"), tally(rows.filter(row => row.rejected).map(rule)), "any");
  choices(by("sort"), [...new Set(rows.flatMap(row => Object.keys(row.scores)))].sort().map(name => [name]), "order of making");
  const state = new URLSearchParams(location.hash.slice(1));
  for (const [name, value] of state) {
    const control = by(name);
    if (!control || !control.form) continue;
    if (control.type === "checkbox") control.checked = value === "1"; else control.value = value;
  }
  by("filters").addEventListener("input", () => { page = 0; current = 0; remember(); draw(); });
  by("filters").addEventListener("submit", event => event.preventDefault());
  by("before").addEventListener("click", () => turn(-1));
  by("after").addEventListener("click", () => turn(1));
  by("close").addEventListener("click", () => by("detail").close());
  document.addEventListener("keydown", key);
  draw();
}

function remember() {
  const state = new URLSearchParams();
  for (const control of by("filters").elements) {
    const value = control.type === "checkbox" ? (control.checked ? "1" : "") : control.value;
    if (control.id && value) state.set(control.id, value);
  }
  history.replaceState(null, "", "#" + state);
}

function wanted(row) {
  const words = by("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${row.id} ${row.instruction} ${row.reasoning} ${row.multimodal} ${row.rejected}`.toLowerCase();
  return (!by("type").value || row.type === by("type").value)
    && (!by("status").value || (by("status").value === "rejected") === Boolean(row.rejected))
    && (!by("reason").value || (row.rejected && rule(row) === by("reason").value))
    && words.every(word => text.includes(word));
}

function draw() {
  shown = rows.filter(wanted);
  const score = by("sort").value, sign = by("down").checked ? -1 : 1;
  if (score) {
    // A row without the score goes last, whichever way is sorted.
    const value = row => (score in row.scores ? sign * row.scores[score] : Infinity);
    shown.sort((a, b) => value(a) - value(b));
  } else if (sign < 0) shown.reverse();
  const kept = shown.filter(row => !row.rejected).length, last = Math.max(0, Math.ceil(shown.length / PAGE) - 1);
  page = Math.min(page, last);
  by("summary").textContent = `${shown.length} of ${rows.length} rows: ${kept} kept, ${shown.length - kept} rejected`;
  by("where").textContent = `page ${page + 1} of ${last + 1}`;
  by("before").disabled = page === 0;
  by("after").disabled = page === last;
  by("cards").replaceChildren(...shown.slice(page * PAGE, (page + 1) * PAGE).map(card));
}

function figure(source, caption, alt) {
  return element("figure", {}, element("img", { src: source, alt: alt || caption, loading: "lazy" }), element("figcaption", {}, caption));
}

function pictures(row) {
  const edited = by("mask").checked && row.overlay ? row.overlay : row.edited;
  const pair = [figure(row.source, "before", row.source_caption), figure(edited, "after", row.edited_caption)];
  if (by("swap").checked) pair.reverse();
  const extra = row.references.map(reference => {
    const node = reference.image ? figure(reference.image, `[${reference.number}] ${reference.caption}`) : element("figure", {}, element("figcaption", {}, `[${reference.number}] ${reference.caption}`));
    if (reference.audio) node.append(element("audio", { controls: "", preload: "none", src: reference.audio }));
    return node;
  });
  return element("div", { class: "pictures" }, ...pair, ...extra);
}

function card(row, index) {
  const node = element("article", { tabindex: "0", class: row.rejected ? "rejected" : "kept", "aria-label": `${row.type}: ${row.instruction}` },
    pictures(row),
    element("p", { class: "instruction" }, row.instruction),
    row.reasoning && element("p", { class: "small" }, `reasoning: ${row.reasoning}`),
    row.multimodal && element("p", { class: "small" }, row.multimodal),
    element("p", { class: "small" }, `${row.type} · ${row.id}`),
    row.rejected && element("p", { class: "small reason" }, row.rejected));
  node.addEventListener("focus", () => { current = index; });
  node.addEventListener("dblclick", () => open(row));
  return node;
}

function open(row) {
  const table = Object.entries({ ...row.scores, ...row.facts }).map(([name, value]) => element("tr", {}, element("td", {}, name), element("td", {}, String(value))));
  const parts = row.parts.map(part => element("tr", {}, element("td", {}, part.key), element("td", {}, part.origin), element("td", {}, part.licence)));
  by("body").replaceChildren(
    element("p", { class: "instruction" }, row.instruction), pictures(row),
    element("p", { class: "small" }, `before: ${row.source_caption}`), element("p", { class: "small" }, `after: ${row.edited_caption}`),
    row.target ? element("p", { class: "small" }, row.target) : "",
    row.rejected ? element("p", { class: "reason" }, row.rejected) : "",
    element("table", {}, ...table), element("h2", {}, "made from"), element("table", {}, ...parts));
  by("detail").showModal();
}

function turn(by_pages) {
  page = Math.max(0, page + by_pages);
  current = 0;
  draw();
  step(0);
}

function step(by_rows) {
  const cards = by("cards").children;
  if (!cards.length) return;
  current = Math.min(Math.max(current + by_rows, 0), cards.length - 1);
  cards[current].focus();
  cards[current].scrollIntoView({ block: "nearest" });
}

function key(event) {
  if (by("detail").open || event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = ["INPUT", "SELECT"].includes(event.target.tagName) && event.target.type !== "checkbox";
  if (typing) { if (event.key === "Escape") event.target.blur(); return; }
  const toggle = id => { by(id).checked = !by(id).checked; remember(); draw(); step(0); };
  const actions = {
    ArrowRight: () => step(1), ArrowLeft: () => step(-1), j: () => step(1), k: () => step(-1),
    n: () => turn(1), p: () => turn(-1), m: () => toggle("mask"), s: () => toggle("swap"),
    "/": () => by("search").focus(),
    Enter: () => { const row = shown[page * PAGE + current]; if (row) open(row); },
  };
  if (!(event.key in actions) || (event.key === "Enter" && event.target.tagName === "BUTTON")) return;
  event.preventDefault();
  actions[event.key]();
}

setUp();
