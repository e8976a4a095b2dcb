// The latest sessions, on the welcome: one click goes on where one was.
import { by, element, show, warn } from "../shared/dom.js";
import * as server from "../shared/server.js";
import { resume } from "../workspace.js";

const SHOWN = 5;
const SIDE = 160;

export async function showEarlier() {
  const newest = (await server.sessions()).sort((a, b) => a.created < b.created ? 1 : -1).slice(0, SHOWN);
  by("earlier").replaceChildren(element("span", { class: "quiet" }, "Go on with"), ...newest.map(({ id, name, current }) => element("button", { type: "button", "aria-label": `Go on with ${name}`, title: name, onclick: () => resume(id).catch(error => warn(error.message)) },
    element("img", { src: server.address(current, "preview", SIDE), alt: "" }))));
  show(by("earlier"), newest.length > 0);
}
