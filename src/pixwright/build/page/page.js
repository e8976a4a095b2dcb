"use strict";
// The rows are in samples.js, not fetched: a page that is opened from the file system may not fetch.
const PAGE = 60;
const rows = window.SAMPLES;
const toggle = id => { by(id).checked = !by(id).checked; remember(); draw(); step(0); };
const KEYS = { m: () => toggle("mask"), s: () => toggle("swap") };

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
  restore();
  listen();
  draw();
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
  const kept = shown.filter(row => !row.rejected).length;
  by("summary").textContent = `${shown.length} of ${rows.length} rows: ${kept} kept, ${shown.length - kept} rejected`;
  showPage(card);
}

function pictures(row) {
  const edited = by("mask").checked && row.overlay ? row.overlay : row.edited;
  const pair = [figure(row.source, "before", row.source_caption), figure(edited, "after", row.edited_caption)];
  if (by("swap").checked) pair.reverse();
  const extra = row.references.map(reference => {
    const node = reference.image ? figure(reference.image, `[${reference.number}] ${reference.caption}`) : element("figure", { class: reference.audio ? "sound" : "" }, element("figcaption", {}, `[${reference.number}] ${reference.caption}`));
    if (reference.audio) node.prepend(element("audio", { controls: "controls", preload: "none", src: reference.audio }));
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

setUp();
