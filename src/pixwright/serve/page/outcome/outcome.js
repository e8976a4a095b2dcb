// What became of an edit, in plain words: verdict, reasons, what changed and what did not, and what can be done with it.
import { by, element, icon, listen, percent, plural, say, show, warn } from "../shared/dom.js";
import * as server from "../shared/server.js";
import { parentOf, workspace } from "../workspace.js";
import { controlsOf } from "./controls.js";
import { actionsOf } from "./download.js";

export const VERDICTS = {
  done: { icon: "done", title: "Done", says: "Nothing that was measured speaks against it." },
  partly: { icon: "partly", title: "Partly done", says: "Something is missing or in doubt:" },
  not_done: { icon: "not", title: "Not done", says: "The picture was left as it was:" },
};

/** What the server says of a version; asked once. */
async function outcomeOf(version) {
  if (!workspace.outcomes.has(version.id)) workspace.outcomes.set(version.id, await server.reportOf(version.id));
  return workspace.outcomes.get(version.id);
}

/** Facts that a person can check. */
function facts(outcome) {
  const outside = outcome.outside_changed ?? 0, told = [];
  told.push([outside ? "partly" : "done", outside ? `Pixels outside of the edit differ by up to ${outside} of 255` : "0 pixels changed outside of the edit"]);
  const kept = (outcome.steps ?? []).map(step => step.protected_changed).filter(count => count !== null && count !== undefined);
  if (kept.length) { const sum = kept.reduce((a, b) => a + b, 0); told.push([sum ? "partly" : "done", `${plural(sum, "pixel")} changed of what shall stay`]); }
  told.push(["same", `${percent(outcome.changed_share ?? 0)} of the picture changed`]);
  return element("ul", { class: "facts" }, ...told.map(([name, words]) => element("li", { class: name }, icon(name), words)));
}

function stepsOf(outcome) {
  const steps = outcome.steps ?? [];
  if (steps.length < 2 && !steps.some(step => step.told?.length)) return null;
  return element("details", { class: "steps", open: steps.length > 1 }, element("summary", {}, steps.length > 1 ? `${steps.length} steps` : "What was measured"),
    ...steps.map(step => element("div", { class: "step-report" },
      element("p", { class: `step-verdict ${step.verdict}` }, icon(VERDICTS[step.verdict].icon), element("span", {}, step.words ?? step.type.replaceAll("_", " ")), element("span", { class: "hidden" }, VERDICTS[step.verdict].title)),
      element("ul", {}, ...(step.told ?? step.reasons ?? []).map(line => element("li", {}, line))))));
}

/** The card of a verdict. `again(outcome, controls)` makes the edit again. */
function card(version, outcome, again) {
  const verdict = VERDICTS[outcome.verdict] ?? VERDICTS.partly;
  const reasons = outcome.reasons ?? [];
  return [
    element("h2", { class: `verdict ${outcome.verdict}`, tabindex: "-1", id: "verdict" }, icon(verdict.icon), verdict.title),
    element("p", { class: "asked" }, `“${outcome.instruction ?? version?.instruction ?? ""}”`),
    outcome.verdict === "not_done" ? null : facts(outcome),
    reasons.length ? element("div", { class: "reasons" }, element("p", { class: "quiet" }, verdict.says), element("ul", {}, ...reasons.map(line => element("li", {}, line)))) : null,
    version && actionsOf(version, outcome),
    controlsOf(outcome, controls => again(outcome, controls)),
    stepsOf(outcome),
  ].filter(Boolean);
}

function original(version) {
  const size = `${version.width.toLocaleString("en")} × ${version.height.toLocaleString("en")} pixels`;
  const large = version.width * version.height > 12e6 ? "It is shown smaller here, and edited at full size." : null;
  return [element("h2", { tabindex: "-1", id: "verdict" }, "The picture"), element("p", { class: "asked" }, workspace.name), element("p", { class: "quiet" }, size), large && element("p", { class: "quiet" }, large),
    element("p", { class: "quiet" }, "Say what should change. To say where, click on it; without, the words decide.")].filter(Boolean);
}

/** One line over the picture, where the column is a sheet that would hide it. */
function brief(outcome) {
  const verdict = VERDICTS[outcome.verdict];
  by("brief-mark").replaceChildren(icon(verdict.icon));
  by("brief-mark").className = outcome.verdict;
  by("brief-words").textContent = [verdict.title, outcome.verdict === "not_done" ? outcome.reasons?.[0] : outcome.outside_changed ? null : "0 pixels changed outside"].filter(Boolean).join(": ");
  show(by("brief"));
}

export function watchOutcome(again) {
  const place = by("outcome");
  listen("version", async version => {
    show(by("brief"), false);
    if (!version.parent || !parentOf(version)) { place.replaceChildren(...original(version)); return; }
    try {
      const outcome = await outcomeOf(version);
      if (workspace.current.id !== version.id) return;
      place.replaceChildren(...card(version, outcome, again));
      brief(outcome);
    } catch (error) { warn(error.message); }
  });
  listen("finished", ({ pictures }) => {
    if (!pictures.length) return;
    const best = pictures[0], verdict = VERDICTS[best.verdict];
    if (!best.version) { place.replaceChildren(...card(null, best, again)); brief(best); }
    say(`${verdict.title}. ${(best.reasons ?? []).join(". ")}`);
  });
}
