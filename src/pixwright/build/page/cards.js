"use strict";
// What every page of cards shares: filters that the address keeps, pages, keys. A page's own script, loaded after this one, sets PAGE (cards of a page)
// and KEYS (keys of its own) and has draw() and open(row).
const by = id => document.getElementById(id);
let shown = [], page = 0, current = 0;

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined && value !== "") node.setAttribute(name, value);
  node.append(...children.filter(child => child !== undefined && child !== ""));
  return node;
}

function figure(source, caption, alt) {
  return element("figure", {}, element("img", { src: source, alt: alt || caption, loading: "lazy" }), element("figcaption", {}, caption));
}

function restore() {
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    const control = by(name);
    if (!control || !control.form) continue;
    if (control.type === "checkbox") control.checked = value === "1"; else control.value = value;
  }
}

function remember() {
  const state = new URLSearchParams();
  for (const control of by("filters").elements) {
    const value = control.type === "checkbox" ? (control.checked ? "1" : "") : control.value;
    if (control.id && value) state.set(control.id, value);
  }
  history.replaceState(null, "", "#" + state);
}

function changed() {
  page = 0;
  current = 0;
  remember();
  draw();
}

function listen() {
  by("filters").addEventListener("input", changed);
  by("filters").addEventListener("submit", event => event.preventDefault());
  by("before").addEventListener("click", () => turn(-1));
  by("after").addEventListener("click", () => turn(1));
  by("close").addEventListener("click", () => by("detail").close());
  document.addEventListener("keydown", key);
}

function showPage(card) {
  const last = Math.max(0, Math.ceil(shown.length / PAGE) - 1);
  page = Math.min(page, last);
  by("where").textContent = `page ${page + 1} of ${last + 1}`;
  by("before").disabled = page === 0;
  by("after").disabled = page === last;
  by("cards").replaceChildren(...shown.slice(page * PAGE, (page + 1) * PAGE).map(card));
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
  const actions = {
    ArrowRight: () => step(1), ArrowLeft: () => step(-1), j: () => step(1), k: () => step(-1),
    n: () => turn(1), p: () => turn(-1),
    "/": () => by("search").focus(),
    Enter: () => { const row = shown[page * PAGE + current]; if (row) open(row); },
    ...KEYS,
  };
  if (!(event.key in actions) || (event.key === "Enter" && ["BUTTON", "A", "SUMMARY"].includes(event.target.tagName))) return;
  event.preventDefault();
  actions[event.key]();
}
