"use strict";
// The rows are in edits.js, not fetched: a page that is opened from the file system may not fetch.
const PAGE = 40;
const run = window.RUN, rows = window.EDITS;
const metric = new Map(run.metrics.map(one => [one.name, one]));
const KEYS = { b: () => { by("best").checked = !by("best").checked; changed(); step(0); } };

const number = value => (value === null || value === undefined ? "-" : Number(value).toFixed(Math.abs(value) < 10 ? 3 : 1));
const arrow = one => (one.higher_is_better ? "↑" : "↓");

function choices(select, names, first) {
  select.replaceChildren(...(first === undefined ? [] : [element("option", {}, first)]), ...names.map(name => element("option", { value: name }, name)));
  if (first !== undefined) select.firstChild.value = "";
}

function setUp() {
  by("title").textContent = document.title = run.title;
  choices(by("sort"), [...metric.keys(), "seconds"]);
  choices(by("status"), ["failed", ...[...new Set(rows.map(row => row.status))].sort()], "all");
  const groups = new Set(rows.flatMap(row => Object.entries(row.groups).map(([name, value]) => `${name}: ${value}`)));
  choices(by("group"), [...groups].sort((a, b) => a.localeCompare(b, "en", { numeric: true })), "all");
  restore();
  overall();
  by("means").addEventListener("click", event => {
    if (event.target.tagName !== "BUTTON") return;
    by("best").checked = by("sort").value === event.target.value && !by("best").checked;
    by("sort").value = event.target.value;
    changed();
  });
  listen();
  draw();
}

function overall() {
  const head = element("tr", {}, ...["metric", "mean", "95 % interval", "values", "computed with"].map(text => element("th", {}, text)));
  const body = run.metrics.map(one => element("tr", {},
    element("td", {}, element("button", { type: "button", value: one.name, title: "sort by it" }, `${one.name} ${arrow(one)}`)),
    element("td", {}, one.margin === null ? number(one.mean) : `${number(one.mean)}±${number(one.margin)}`),
    element("td", {}, one.low === null ? "-" : `${number(one.low)} to ${number(one.high)}`),
    element("td", {}, String(one.count)),
    element("td", {}, [one.backbone, one.revision].filter(Boolean).join(" ") || one.preprocessing)));
  by("means").replaceChildren(head, ...body);
  const record = run.record, weights = Object.entries(record.weights).map(([name, sha]) => `${name} ${sha.slice(0, 12)}`).join(", ");
  by("made").textContent = `${run.rows} edits, ${run.failed} failed, ${run.cost.seconds_mean.toFixed(2)} s an edit; seed ${record.seed}; `
    + `data ${record.data}; pixwright ${record.pixwright}, commit ${record.git || "unknown"}; weights: ${weights || "none"}`;
}

function wanted(row) {
  const words = by("search").value.toLowerCase().split(/\s+/).filter(Boolean), status = by("status").value, group = by("group").value;
  const text = `${row.key} ${row.instruction} ${row.reason}`.toLowerCase();
  return (!status || (status === "failed" ? row.failed : row.status === status))
    && (!group || Object.entries(row.groups).some(([name, value]) => `${name}: ${value}` === group))
    && words.every(word => text.includes(word));
}

function draw() {
  const name = by("sort").value, up = metric.has(name) ? metric.get(name).higher_is_better : false;
  const sign = (up ? 1 : -1) * (by("best").checked ? -1 : 1);
  const value = row => (name === "seconds" ? row.seconds : row.values[name]);
  // An edit without the value goes last, whichever way is sorted.
  const rank = row => (value(row) === null || value(row) === undefined ? Infinity : sign * value(row));
  shown = rows.filter(wanted).map((row, index) => [rank(row), index, row]).sort((a, b) => a[0] - b[0] || a[1] - b[1] || 0).map(one => one[2]);
  by("summary").textContent = `${shown.length} of ${rows.length} edits, ${shown.filter(row => row.failed).length} failed; `
    + `${by("best").checked ? "best" : "worst"} ${name} first`;
  showPage(card);
}

function pictures(row) {
  return element("div", { class: "pictures" },
    figure(row.source, "before", row.source_caption),
    figure(row.made, row.failed ? "nothing made: the unchanged picture counts" : "made"),
    row.target ? figure(row.target, "wanted", row.caption) : "",
    ...row.references.map((source, index) => figure(source, `[${index + 1}]`)));
}

function values(row) {
  const name = by("sort").value;
  return element("p", { class: "values" }, ...Object.entries(row.values).map(([key, value]) =>
    element("span", { class: key === name ? "chosen" : "" }, `${key} ${number(value)}`)));
}

function card(row, index) {
  const node = element("article", { tabindex: "0", class: row.failed ? "failed" : "done", "aria-label": `${row.status}: ${row.instruction}` },
    pictures(row),
    element("p", { class: "instruction" }, row.instruction),
    values(row),
    element("p", { class: "small" }, [row.status, ...Object.values(row.groups), row.key].join(" · ")),
    row.reason && element("p", { class: "small reason" }, row.reason));
  node.addEventListener("focus", () => { current = index; });
  node.addEventListener("dblclick", () => open(row));
  return node;
}

function open(row) {
  const facts = Object.entries({ ...row.values, seconds: row.seconds, status: row.status, ...row.groups, key: row.key });
  by("body").replaceChildren(
    element("p", { class: "instruction" }, row.instruction), pictures(row),
    row.source_caption ? element("p", { class: "small" }, `before: ${row.source_caption}`) : "",
    row.caption ? element("p", { class: "small" }, `wanted: ${row.caption}`) : "",
    row.reason ? element("p", { class: "reason" }, row.reason) : "",
    element("p", { class: "small" }, element("a", { href: row.file }, "the result, whole")),
    element("table", {}, ...facts.map(([name, value]) => element("tr", {}, element("td", {}, name), element("td", {}, value === null ? "-" : String(value))))),
    ...row.said.flatMap(one => [element("h2", {}, `${one.judge} (${one.model})`), element("pre", {}, JSON.stringify(one.asked, null, 1))]));
  by("detail").showModal();
}

setUp();
