// Instructions that were saved, and the latest ones: kept in this browser.
import { by, element, iconButton, press, say, show } from "../shared/dom.js";
import { recall, remember } from "../shared/memory.js";

const RECENT = 12;

const presets = () => recall("presets", []);
const recent = () => recall("recent", []);

export function noteRecent(words) { remember("recent", [words, ...recent().filter(one => one !== words)].slice(0, RECENT)); }
function savePreset(words) { remember("presets", [words, ...presets().filter(one => one !== words)]); }
function dropPreset(words) { remember("presets", presets().filter(one => one !== words)); }

/** The list over the text box. `use(words)` puts an instruction into it; `current()` is what stands there. */
export function watchSaved(use, current) {
  const list = by("saved"), opener = by("saved-open");
  const open = visible => {
    show(list, visible);
    opener.setAttribute("aria-expanded", String(visible));
    if (visible) { draw(); list.querySelector("button")?.focus(); }
  };
  const row = (words, isPreset) => {
    const star = iconButton("star", isPreset ? `Remove from saved: ${words}` : `Save: ${words}`, () => { isPreset ? dropPreset(words) : savePreset(words); draw(); by("saved").querySelector("button")?.focus(); });
    press(star, isPreset);
    return element("li", {}, element("button", { type: "button", class: "plain", onclick: () => { open(false); use(words); } }, words), star);
  };
  const part = (title, rows, none) => [element("h3", {}, title), rows.length ? element("ul", {}, ...rows) : element("p", { class: "quiet" }, none)];
  function draw() {
    const words = current().trim(), saved = presets();
    list.replaceChildren(
      ...(words && !saved.includes(words) ? [element("button", { type: "button", class: "keep", onclick: () => { savePreset(words); say("Saved"); draw(); } }, `Save “${words}”`)] : []),
      ...part("Saved", saved.map(one => row(one, true)), "Nothing yet. The star keeps an instruction here."),
      ...part("Recent", recent().filter(one => !saved.includes(one)).map(one => row(one, false)), "What you have asked for appears here."),
    );
  }
  opener.addEventListener("click", () => open(list.hidden));
  list.addEventListener("keydown", event => { if (event.key === "Escape") { event.stopPropagation(); open(false); opener.focus(); } });
  addEventListener("pointerdown", event => { if (!list.hidden && !list.contains(event.target) && !opener.contains(event.target)) open(false); });
}
