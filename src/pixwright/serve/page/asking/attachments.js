// The shelf: pictures and sounds that the words call [1], [2], ...
import { by, element, icon, iconButton, say, show } from "../shared/dom.js";
import * as server from "../shared/server.js";
import { recordable, Recorder } from "./recorder.js";

const MOST = 8;
const shelf = [];

export const attachments = () => shelf.map(one => one.id);

export async function attach(file, name = file.name) {
  if (shelf.length >= MOST) throw new server.Refused(`There are ${MOST} attachments already. Take one away first.`);
  const kept = await server.upload(file, name);
  shelf.push({ id: kept.id, kind: kept.kind, name: name || kept.kind, url: URL.createObjectURL(file), seconds: kept.seconds });
  draw();
  mention(shelf.length);
  say(`Attached as [${shelf.length}]`);
}

/** Words that do not speak of an attachment yet get its number where the caret is. */
function mention(number) {
  const words = by("words"), mark = `[${number}]`;
  if (!words.value.trim() || words.value.includes(mark)) return;
  words.value = `${words.value.trimEnd()} ${mark}`;
  words.dispatchEvent(new Event("input"));
}

function remove(index) {
  URL.revokeObjectURL(shelf[index].url);
  shelf.splice(index, 1);
  draw();
  say("Attachment taken away; the others are numbered anew");
  by("attach").focus();
}

function draw() {
  show(by("shelf"), shelf.length > 0);
  by("shelf").replaceChildren(...shelf.map((one, index) => {
    const seen = one.kind === "picture" ? element("img", { src: one.url, alt: "" }) : element("audio", { src: one.url, controls: true, "aria-label": `Sound ${index + 1}` });
    return element("div", { role: "listitem", class: `attached ${one.kind}` },
      element("span", { class: "number" }, `[${index + 1}]`),
      one.kind === "picture" ? seen : element("span", { class: "sound" }, icon("sound"), seen),
      element("span", { class: "name" }, one.name),
      iconButton("cross", `Take [${index + 1}] away`, () => remove(index)));
  }));
}

/** The microphone's button: the first press records, the next one keeps it. */
export function watchMicrophone(warn) {
  const button = by("record");
  if (!recordable()) { button.hidden = true; return; }
  let recorder = null;
  button.addEventListener("click", async () => {
    try {
      if (!recorder) {
        recorder = new Recorder(seconds => { button.title = `Stop (${seconds} s)`; });
        await recorder.start();
        button.setAttribute("aria-pressed", "true");
        button.setAttribute("aria-label", "Stop the recording");
        say("Recording");
        return;
      }
      const file = await recorder.stop();
      reset();
      await attach(file, "recording.wav");
    } catch (error) {
      reset();
      warn(error.name === "NotAllowedError" ? "The browser does not allow the microphone. Allow it for this address, or attach a file." : error.name === "NotFoundError" ? "There is no microphone. Attach a sound file instead." : error.message);
    }
  });
  function reset() {
    recorder?.abort();
    recorder = null;
    button.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-label", "Record a sound");
    button.title = "Record a sound";
  }
}
