// Several results of one instruction, side by side: the person keeps one. The others stay in the history as branches.
import { by, element, icon, listen, show, warn } from "../shared/dom.js";
import { address } from "../shared/server.js";
import { goTo, workspace } from "../workspace.js";
import { VERDICTS } from "./outcome.js";

const SIDE = 800;

export function watchCandidates() {
  const place = by("candidates");
  const close = () => { show(place, false); place.replaceChildren(); };
  const keep = async picture => {
    try { if (picture.version !== workspace.current.id) await goTo(picture.version); close(); by("canvas").focus(); }
    catch (error) { warn(error.message); }
  };
  const card = (picture, index) => {
    const verdict = VERDICTS[picture.verdict];
    return element("li", {}, element("button", { type: "button", class: "candidate", onclick: () => keep(picture), "aria-label": `Keep ${index + 1}: ${verdict.title}` },
      element("img", { src: picture.version ? address(picture.version, "preview", SIDE) : `${picture.preview}${SIDE}`, alt: `Candidate ${index + 1}` }),
      element("span", { class: `caption ${picture.verdict}` }, icon(verdict.icon), `${index + 1}: ${verdict.title}`), element("span", { class: "take" }, "Keep this one")));
  };
  listen("finished", ({ pictures }) => {
    const kept = pictures.filter(picture => picture.version);
    if (kept.length < 2) return;
    place.replaceChildren(element("h2", {}, "Which one?"), element("ul", { class: "candidates" }, ...kept.map(card)));
    show(place);
    place.querySelector("button").focus();
  });
  place.addEventListener("keydown", event => { if (event.key === "Escape") { event.stopPropagation(); close(); by("canvas").focus(); } });
  listen("opened", close);
  listen("working", begun => { if (begun) close(); });
}
