// Sliders for the numbers that an edit was made with. They run nothing by themselves: a button makes the edit again.
import { element } from "../shared/dom.js";

const STEPS = 100;

/** All numbers of all steps: {name: "2.exposure", value, low, high, why}. */
function numbersOf(outcome) {
  const seen = new Set();
  return (outcome.steps ?? []).flatMap((step, index) => (step.controls ?? []).map(control => ({ ...control, id: `${index + 1}.${control.name}` })))
    .filter(control => !seen.has(control.id) && seen.add(control.id));
}

const written = value => Number(value.toFixed(2)).toString();

function slider(control, changed, moved) {
  const { id, name, low, high, value, unit, why } = control;
  const says = element("output", {}, written(value) + (unit ? ` ${unit}` : ""));
  const range = element("input", { type: "range", min: low, max: high, step: (high - low) / STEPS || "any", ".value": value, "aria-label": name, "data-control": id, title: why });
  range.addEventListener("input", () => {
    says.textContent = written(range.valueAsNumber) + (unit ? ` ${unit}` : "");
    changed.set(id, range.valueAsNumber);
    moved();
  });
  return element("label", { class: "control", title: why }, element("span", {}, name.replaceAll("_", " ")), says, range);
}

/** `again(controls)` gets all that is set: now, and when this result was made. */
export function controlsOf(outcome, again) {
  const numbers = numbersOf(outcome);
  if (!numbers.length) return null;
  const changed = new Map(Object.entries(outcome.request?.controls ?? {}));
  const button = element("button", { type: "button", class: "again", disabled: true, onclick: () => again(Object.fromEntries(changed)) }, "Make it again with these");
  const all = numbers.map(control => ({ control, row: slider(control, changed, () => { button.disabled = false; }) }));
  const moved = all.filter(({ control }) => control.value !== 0), resting = all.filter(({ control }) => control.value === 0);
  const first = moved.length ? moved : resting;
  return element("div", { class: "controls" }, element("h3", {}, "Adjust"), ...first.map(({ row }) => row),
    moved.length && resting.length ? element("details", {}, element("summary", {}, `${resting.length} more`), ...resting.map(({ row }) => row)) : null, button);
}
