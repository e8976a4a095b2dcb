// All keys in one list: what they do, and what the help says of them.
import { by, element } from "./dom.js";
import { recall, remember } from "./memory.js";

const typing = target => target.closest?.("input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable]");
const mac = /Mac|iPhone|iPad/.test(navigator.platform);
export const shown = key => key.replace("Ctrl", mac ? "⌘" : "Ctrl").replace("Alt", mac ? "⌥" : "Alt");

/** `list`: [{part, keys: ["b"], shows: "B", says, does}]; `keys` are event.key in lower case with "ctrl+" and "shift+" before them. `hold` is called at press and release; `at` is where the focus must be. */
export function watchKeys(list, { isOver, space }) {
  const held = new Set();
  let letters = recall("letters", true);
  const find = event => {
    const name = `${event.ctrlKey || event.metaKey ? "ctrl+" : ""}${event.shiftKey && event.key.length > 1 || event.shiftKey && /[a-z]/i.test(event.key) ? "shift+" : ""}${event.key.toLowerCase()}`;
    return list.find(one => one.keys?.includes(name));
  };
  addEventListener("keydown", event => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === " " && !typing(event.target) && (isOver() || event.target === document.body)) { event.preventDefault(); space(true); return; }
    const one = find(event);
    if (!one || typing(event.target) || (event.altKey && !one.alt) || (one.at && one.at !== event.target)) return;
    if (!letters && event.key.length === 1 && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    if (one.hold) { if (!held.has(one)) { held.add(one); one.hold(true); } }
    else one.does(event);
  });
  addEventListener("keyup", event => {
    if (event.key === " ") space(false);
    for (const one of held) if (one.keys.includes(event.key.toLowerCase())) { held.delete(one); one.hold(false); }
  });
  addEventListener("blur", () => { for (const one of held) one.hold(false); held.clear(); });

  const parts = [...new Set(list.map(one => one.part))];
  const box = element("input", { type: "checkbox", ".checked": letters, onchange: () => { letters = box.checked; remember("letters", letters); } });
  const dialog = by("help");
  dialog.replaceChildren(
    element("h2", { id: "help-title", tabindex: "-1", autofocus: true }, "Keys and help"),
    element("div", { class: "parts" }, ...parts.map(part => element("section", {}, element("h3", {}, part), element("dl", {}, ...list.filter(one => one.part === part && one.shows).flatMap(one => [
      element("dt", {}, ...one.shows.split(" / ").flatMap((combination, index) => [index ? " " : null, element("kbd", {}, shown(combination))])), element("dd", {}, one.says)]))))),
    element("label", { class: "check" }, box, " Single letters are keys while no text box is in use"),
    element("div", { class: "actions" }, element("button", { type: "button", class: "main", onclick: () => dialog.close() }, "Close")));
}
