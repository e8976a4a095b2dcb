// Taking a result away: in the format that it came in, as a PNG with its alpha, or by the clipboard.
import { by, element, icon, say, warn } from "../shared/dom.js";
import { address } from "../shared/server.js";
import { workspace } from "../workspace.js";

const stem = () => (workspace.name || "picture").replace(/\.[A-Za-z0-9]{1,5}$/, "");

/** The whole picture as a PNG: what a clipboard takes. */
const png = version => fetch(`${address(version.id, "picture")}?format=png`).then(reply => {
  if (!reply.ok) throw new Error(`The picture could not be fetched (${reply.status}).`);
  return reply.blob();
});

export async function copy(version) {
  try {
    // The promise goes in at once: Safari wants the clipboard asked within the click.
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png(version) })]);
    say("Copied");
    return true;
  } catch (error) {
    warn(navigator.clipboard ? `It could not be copied: ${error.message}` : "The browser allows copying only on localhost or https. Download it instead.");
    return false;
  }
}

export function actionsOf(version, outcome) {
  const format = (outcome.format ?? "").toUpperCase();
  const same = element("a", { class: "button main", href: `${address(version.id, "picture")}?download=1`, download: outcome.name ?? `${stem()}-edited`, id: "download" }, icon("download"), `Download${format ? ` ${format}` : ""}`);
  const alpha = format === "PNG" ? null : element("a", { class: "button", href: `${address(version.id, "picture")}?format=png&download=1`, download: `${stem()}-edited.png`, id: "download-png", title: "Without loss, with its transparency" }, "PNG");
  const copying = element("button", { type: "button", id: "copy", onclick: async () => { if (await copy(version)) { words.textContent = "Copied"; setTimeout(() => { words.textContent = "Copy"; }, 1600); } } }, icon("copy"));
  const words = element("span", {}, "Copy");
  copying.append(words);
  const edit = element("button", { type: "button", id: "edit-this", onclick: () => { by("words").value = ""; by("words").dispatchEvent(new Event("input")); by("words").focus(); document.querySelector("[data-view=after]").click(); } }, icon("pencil"), "Edit this result");
  return element("div", { class: "actions" }, same, alpha, copying, edit);
}
