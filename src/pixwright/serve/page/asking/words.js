// The text box, its examples, and what was understood of it while it is typed. Only Go runs anything.
import { arrows, by, element, listen, show } from "../shared/dom.js";
import * as server from "../shared/server.js";
import { here, workspace } from "../workspace.js";
import { attachments } from "./attachments.js";
import { noteRecent, watchSaved } from "./saved.js";

/** Milliseconds without a key after which the words are read. */
const PAUSE = 450;

const box = () => by("words");
export const words = () => box().value.trim();

function setWords(text) {
  box().value = text;
  box().dispatchEvent(new Event("input"));
  box().focus();
}

/** `go(words)` runs them. */
export function watchWords(go) {
  let pause = 0, reading = null, pointed = false;
  box().addEventListener("input", () => {
    box().style.height = "auto";
    box().style.height = `${Math.min(box().scrollHeight, 160)}px`;
    show(by("chips"), !words());
    clearTimeout(pause);
    reading?.abort();
    by("understood").replaceChildren();
    if (words() && workspace.current) pause = setTimeout(read, PAUSE);
  });
  async function read() {
    reading = new AbortController();
    try {
      const plan = await server.readPlan(words(), pointed, here(), attachments(), reading.signal);
      by("understood").replaceChildren(...plan.lines.map(line => element("span", { class: "step" }, arrows(line))));
    } catch (error) {
      if (error.code === "not_understood") by("understood").textContent = error.message;
    }
  }
  box().addEventListener("keydown", event => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    by("ask").requestSubmit();
  });
  by("ask").addEventListener("submit", event => {
    event.preventDefault();
    clearTimeout(pause);
    if (!words()) { box().focus(); return; }
    noteRecent(words());
    go(words());
  });
  watchSaved(setWords, words);
  let marks = null, drawing = null;
  function tellWhere() {
    // What is clicked or drawn at says which thing is meant; what is painted is the limit of the edit.
    const selected = Boolean(marks?.selection.filled), drawn = Boolean(drawing?.filled);
    const said = [selected && (marks.pure ? "for what is selected" : "only where selected"), drawn && "for what the drawing points at", marks?.protection.filled && "never where protected"].filter(Boolean);
    by("where").textContent = said.join(", ");
    if (pointed !== (selected || drawn)) {
      pointed = selected || drawn;  // "it" means something else now
      box().dispatchEvent(new Event("input"));
    }
  }
  listen("marks", changed => { marks = changed; tellWhere(); });
  listen("drawn", changed => { drawing = changed; tellWhere(); });
}

/** Instructions to begin with: first those that suit any picture. Those that need an attachment are left out. */
export function showExamples(types) {
  const examples = types.filter(type => !type.example.includes("[")).sort((a, b) => (b.group === "global") - (a.group === "global")).map(type => type.example);
  by("chips").replaceChildren(...examples.map(example => element("button", { type: "button", class: "chip", onclick: () => setWords(example) }, example)));
}
