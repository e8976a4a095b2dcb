// The few words this page says to the document. Text is always text: nothing here, or anywhere, writes HTML.
export const by = id => document.getElementById(id);

/** An element: `element("p", {class: "quiet"}, "text", otherElement)`. A listener is given as `onclick: function`, a property of the element as `.name`. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name.startsWith(".")) node[name.slice(1)] = value;
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

/** One of the drawings in index.html's sprite. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  drawing.append(use);
  return drawing;
}

/** A round button with a drawing and a name for those who do not see it. */
export const iconButton = (name, label, onclick, more = {}) => element("button", { type: "button", "aria-label": label, title: label, onclick, ...more }, icon(name));

export const show = (node, visible = true) => { node.hidden = !visible; };
export const press = (node, pressed) => node.setAttribute("aria-pressed", String(Boolean(pressed)));

let fading = 0;
/** Tell the person something that went wrong or needs them. It stays until it is dismissed or `seconds` are over (0: stays). */
export function warn(words, seconds = 12) {
  clearTimeout(fading);
  by("toast-words").textContent = words;
  show(by("toast"), Boolean(words));
  if (words && seconds) fading = setTimeout(() => show(by("toast"), false), seconds * 1000);
}

/** Say to a screen reader what a seeing person notices by themselves. */
export function say(words) { by("said").textContent = words; }

export const percent = share => share === 0 ? "0 %" : share < 0.01 ? "less than 1 %" : `${Math.round(share * 100)} %`;
export const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
/** "make -> the cup -> red" as it is shown. */
export const arrows = line => line.replaceAll(" -> ", " → ");
export const wait = seconds => new Promise(done => setTimeout(done, seconds * 1000));

const hearers = new Map();
/** Modules tell each other what happened by name, so that none has to know who listens. */
export function listen(name, hearer) { hearers.set(name, [...(hearers.get(name) ?? []), hearer]); }
export function tell(name, what) { for (const hearer of hearers.get(name) ?? []) hearer(what); }
