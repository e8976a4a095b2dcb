// Puts the parts together: which tool is in hand, what the keys do, and what happens when a picture is opened.
import { attach, watchMicrophone } from "./asking/attachments.js";
import { openBatch } from "./asking/batch.js";
import { watchFiles } from "./asking/intake.js";
import { isWorking, reattach, run, runAgain, stop, watchWork } from "./asking/work.js";
import { showExamples, watchWords, words } from "./asking/words.js";
import { watchFilms } from "./film/film.js";
import { watchCandidates } from "./outcome/candidates.js";
import { copy } from "./outcome/download.js";
import { showEarlier } from "./outcome/earlier.js";
import { watchHistory } from "./outcome/history.js";
import { watchOutcome } from "./outcome/outcome.js";
import { Brush, width } from "./picture/brush.js";
import { Gestures } from "./picture/gestures.js";
import { Marks } from "./picture/marks.js";
import { Drawing, Pen, penWidth } from "./picture/pen.js";
import { Selecting } from "./picture/selecting.js";
import { Stage } from "./picture/stage.js";
import { SliderTool, Views } from "./picture/views.js";
import { by, listen, press, say, show, warn } from "./shared/dom.js";
import { watchKeys } from "./shared/keys.js";
import { recall, remember } from "./shared/memory.js";
import * as server from "./shared/server.js";
import { canRedo, canUndo, goTo, openFile, redoEdit, resume, undoEdit, workspace } from "./workspace.js";

const ZOOM = 1.3;
/** CSS pixels that an arrow key moves the cross; with Shift five times as many. */
const STRIDE = 8;

const stage = new Stage(by("canvas"));
const marks = new Marks(stage);
const drawing = new Drawing(stage);
const views = new Views(stage);
const slider = new SliderTool(views);
const tools = { select: new Selecting(stage, marks), brush: new Brush(stage, marks, "brush"), eraser: new Brush(stage, marks, "eraser"), protect: new Brush(stage, marks, "protect"), pen: new Pen(stage, drawing, colour), pan: { pans: true } };
let inHand = "select";
/** What undo, redo and clear are of; and whose width the slider shows. */
const book = () => inHand === "pen" ? drawing : marks;
const breadth = () => inHand === "pen" ? penWidth : width;
const tool = () => !workspace.current || isWorking() ? tools.pan : views.comparing && inHand !== "pan" ? slider : tools[inHand];
const gestures = new Gestures(stage.canvas, stage.viewport, tool, moved);
const guarded = doing => doing().catch(error => warn(error.message));

function moved() {
  by("zoom-says").textContent = `${Math.round(stage.viewport.scale * 100)}%`;
  stage.ring = null;
  stage.draw();
  views.sharpen();
}

/** The chosen one, as the style sheet has it. */
function colour() { return getComputedStyle(document.querySelector("#colours :checked")).color; }

function erase(on) {
  tools.pen.erasing = on;
  press(by("rubber"), on);
  say(on ? "The pen erases" : "The pen draws");
}

function take(name) {
  tools[inHand].leave?.();
  inHand = name;
  for (const button of document.querySelectorAll("#tools [data-tool]")) press(button, button.dataset.tool === name);
  stage.canvas.dataset.tool = name;
  show(by("size-label"), ["brush", "eraser", "protect", "pen"].includes(name));
  for (const id of ["colours", "rubber"]) show(by(id), name === "pen");
  show(by("mask-invert"), name !== "pen");
  breadth().set(breadth().value);
  label(by("mask-clear"), name === "pen" ? "Clear the drawing" : "Clear selection and protection", "Delete");
  steps();
  show(by("find"), name === "select");
  if (stage.view !== "after" && name !== "pan") views.look("after", false);
}

function label(button, words, key) { button.setAttribute("aria-label", words); button.title = `${words} (${key})`; }

/** Which of undo, redo and clear there is something for. */
function steps() {
  const { done, undone } = inHand === "pen" ? drawing : marks.past;
  by("mask-undo").disabled = !done.length;
  by("mask-redo").disabled = !undone.length;
  by("mask-clear").disabled = inHand === "pen" ? !drawing.filled : !marks.selection.filled && !marks.protection.filled;
}

function zoom(factor) { stage.viewport.zoom(factor); moved(); }
function fit() { stage.viewport.fit(); moved(); }

/** The floating tools must not lie over the picture where there is room beside it. */
function margins() {
  const phone = matchMedia("(max-width: 45rem)").matches;
  Object.assign(stage.viewport.margins, phone ? { top: 8, right: 8, bottom: 8, left: 8 } : { top: 62, right: 84, bottom: 78, left: 84 });
}

/** The keyboard's pointer: a cross on the picture. */
function cross(event) {
  const ways = { arrowleft: [-1, 0], arrowright: [1, 0], arrowup: [0, -1], arrowdown: [0, 1] };
  const [dx, dy] = ways[event.key.toLowerCase()];
  if (!workspace.current) return;
  const { width: wide, height: tall } = stage.viewport.picture, step = STRIDE * (event.shiftKey ? 5 : 1) / stage.viewport.scale;
  if (views.comparing) { views.divide(stage.divide + dx * step / wide); return; }
  const from = stage.cross ?? { x: wide / 2, y: tall / 2 };
  stage.cross = { x: Math.min(wide - 1, Math.max(0, from.x + dx * step)), y: Math.min(tall - 1, Math.max(0, from.y + dy * step)) };
  if (inHand === "select") tools.select.hover(stage.cross);
  stage.draw();
}

function enter(event) {
  if (!stage.cross) return;
  if (inHand === "select") tools.select.click(stage.cross, event.shiftKey ? "add" : event.altKey ? "take" : "only");
  else if (tools[inHand].dab) tools[inHand].dab(stage.cross, event);
}

function go(instruction) {
  if (!workspace.current) { warn("Open a picture first: drop it here, paste it, or choose a file."); by("choose").focus(); return; }
  by("words").blur();
  guarded(() => run(instruction, marks, drawing));
}

/** The same edit with other numbers: from the version that it was made from, in the same place. */
function again(outcome, controls) {
  const { current, session } = workspace;
  const request = outcome.request ?? { version: current.parent, session, instruction: current.instruction };
  guarded(() => runAgain(request, { seed: outcome.seed ?? 0, controls }));
}

function escape() {
  if (isWorking()) stop();
  else if (stage.view !== "after") views.look("after");
  else { stage.cross = null; book().clear(); }
  stage.draw();
}

listen("opened", version => {
  by("work").classList.remove("empty");
  for (const id of ["welcome"]) show(by(id), false);
  for (const id of ["tools", "options", "zoom", "panel-open"]) show(by(id));
  show(by("panel"), !matchMedia("(max-width: 60rem)").matches);
  by("file").textContent = workspace.name;
  document.title = `${workspace.name} - pixwright`;
  stage.canvas.tabIndex = 0;
  margins();
  stage.resize();
});

listen("version", version => {
  const { picture } = stage.viewport, same = picture.width === version.width && picture.height === version.height;
  const described = version.instruction ? `the result of: ${version.instruction}` : workspace.name;
  stage.canvas.setAttribute("aria-label", `Picture, ${version.width} by ${version.height} pixels, ${described}`);
  tools.select.forget();
  stage.cross = null;
  tools.pen.forget();
  marks.reset(version.width, version.height);
  drawing.reset(version.width, version.height);
  if (!same) { stage.viewport.show(version.width, version.height); moved(); }
  guarded(() => views.show(version));
});

listen("session", () => {
  by("edit-undo").disabled = !canUndo();
  by("edit-redo").disabled = !canRedo();
});

// One thing says what is meant: of a selection and a drawing the one that was made last. The other one's undo brings it back.
listen("marks", () => { if (marks.selection.filled && drawing.filled) drawing.clear(); steps(); });
listen("drawn", () => { if (marks.selection.filled && drawing.filled) marks.deselect(); steps(); });

listen("finished", ({ pictures }) => {
  by("panel-open").classList.toggle("news", by("panel").hidden);
  by("panel").scrollTop = 0;
  if (pictures[0]?.verdict !== "not_done") { by("words").value = ""; by("words").dispatchEvent(new Event("input")); }
});

function panel(visible) {
  show(by("panel"), visible);
  by("panel-open").setAttribute("aria-expanded", String(visible));
  by("panel-open").classList.remove("news");
}

function theme(name) {
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
}

const isDark = () => document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
const letter = (part, key, says, does) => ({ part, keys: [key], shows: key.replace("shift+", "Shift+").replace(/[a-z]$/, last => last.toUpperCase()), says, does });

watchKeys([
  letter("Where to edit", "v", "Select: click takes, Shift+click adds, Alt+click takes away, a drag is a box", () => take("select")),
  letter("Where to edit", "b", "Brush (Alt erases)", () => take("brush")),
  letter("Where to edit", "e", "Eraser; with the pen in hand, the pen's own", () => inHand === "pen" ? erase(!tools.pen.erasing) : take("eraser")),
  letter("Where to edit", "p", "Protect: never touch here", () => take("protect")),
  letter("Where to edit", "m", "Pen: point by a ring, an arrow or strokes (Alt erases)", () => take("pen")),
  { part: "Where to edit", keys: ["[", "]"], shows: "[ / ]", says: "Smaller or larger brush or pen", does: event => event.key === "[" ? breadth().smaller() : breadth().larger() },
  letter("Where to edit", "i", "Invert the selection", () => marks.invert()),
  { part: "Where to edit", keys: ["ctrl+z"], shows: "Ctrl+Z", says: "Undo a stroke or click", does: () => book().undo() },
  { part: "Where to edit", keys: ["ctrl+shift+z", "ctrl+y"], shows: "Ctrl+Shift+Z", says: "Redo it", does: () => book().redo() },
  { part: "Where to edit", keys: ["delete", "backspace"], shows: "Delete", says: "Clear selection and protection, or the drawing", does: () => book().clear() },
  { part: "Where to edit", keys: ["arrowleft", "arrowright", "arrowup", "arrowdown", "shift+arrowleft", "shift+arrowright", "shift+arrowup", "shift+arrowdown"], at: stage.canvas, shows: "Arrows", says: "Move the cross, on the picture", does: cross },
  { part: "Where to edit", keys: ["enter", "shift+enter"], at: stage.canvas, alt: true, shows: "Enter", says: "Click or dab at the cross; Shift draws a line with the pen", does: enter },
  letter("Looking", "h", "Move the picture", () => take("pan")),
  { part: "Looking", shows: "Space", says: "Held: drag moves the picture" },
  { part: "Looking", keys: ["0"], shows: "0", says: "Fit to the window", does: fit },
  { part: "Looking", keys: ["1"], shows: "1", says: "Actual pixels", does: () => zoom(1 / stage.viewport.scale) },
  { part: "Looking", keys: ["+", "=", "-"], shows: "+ / -", says: "Zoom; so do wheel and pinch", does: event => zoom(event.key === "-" ? 1 / ZOOM : ZOOM) },
  { part: "Looking", keys: ["\\"], shows: "\\", says: "Held: before the edit", hold: held => views.hold(held) },
  letter("Looking", "c", "Compare with a slider", () => views.toggle("slide")),
  letter("Looking", "d", "What changed", () => views.toggle("difference")),
  { part: "Edits", keys: ["/"], shows: "/", says: "To the text box", does: () => by("words").focus() },
  { part: "Edits", shows: "Enter", says: "In the text box: go (Shift+Enter is a new line)" },
  { part: "Edits", keys: ["ctrl+enter"], shows: "Ctrl+Enter", says: "Go, from anywhere", does: () => by("ask").requestSubmit() },
  letter("Edits", "u", "Undo the last edit", () => guarded(undoEdit)),
  letter("Edits", "shift+u", "Redo it", () => guarded(redoEdit)),
  { part: "Edits", keys: ["ctrl+c"], shows: "Ctrl+C", says: "Copy the picture", does: () => { if (workspace.current && !String(getSelection())) copy(workspace.current); } },
  { part: "Edits", shows: "Ctrl+V", says: "Paste a picture; in the text box: attach it" },
  { part: "Edits", keys: ["escape"], shows: "Escape", says: "Cancel; else back to the result; else clear the selection", does: escape },
  { part: "Edits", keys: ["?"], shows: "?", says: "This list", does: () => by("help").showModal() },
], { isOver: () => gestures.over, space: held => gestures.holdSpace(held && Boolean(workspace.current)) });

for (const button of document.querySelectorAll("#tools [data-tool]")) button.addEventListener("click", () => take(button.dataset.tool));
width.told = penWidth.told = () => { by("size").value = breadth().value; if (stage.ring) { stage.ring.size = tools[inHand].width ?? width.value; stage.draw(); } };
const clicks = {
  "mask-undo": () => book().undo(), "mask-redo": () => book().redo(), "mask-invert": () => marks.invert(), "mask-clear": () => book().clear(),
  "rubber": () => erase(!tools.pen.erasing),
  "zoom-in": () => zoom(ZOOM), "zoom-out": () => zoom(1 / ZOOM), "zoom-fit": fit,
  "edit-undo": () => guarded(undoEdit), "edit-redo": () => guarded(redoEdit),
  "folder": () => by("folder-input").click(), "help-open": () => by("help").showModal(),
  "panel-open": () => panel(by("panel").hidden), "brief": () => panel(true), "panel-shut": () => { panel(false); by("panel-open").focus(); },
  "toast-shut": () => warn(""), "theme": () => { const name = isDark() ? "light" : "dark"; theme(name); remember("theme", name); say(`${name} colours`); },
};
for (const [id, does] of Object.entries(clicks)) by(id).addEventListener("click", does);
by("size").addEventListener("input", event => breadth().set(event.target.valueAsNumber));
by("find").addEventListener("submit", event => {
  event.preventDefault();
  const phrase = by("find-words").value.trim();
  if (phrase && workspace.current) guarded(() => tools.select.words(phrase));
});
matchMedia("(max-width: 45rem)").addEventListener("change", () => { margins(); stage.resize(); });
addEventListener("hashchange", () => { const id = location.hash.slice(1); if (id.startsWith("ses_") && id !== workspace.session) guarded(() => resume(id)); });

watchWords(go);
watchWork();
watchOutcome(again);
watchCandidates();
watchHistory();
watchMicrophone(warn);
watchFilms();
watchFiles({ open: openFile, attach, batch: openBatch, isOpen: () => Boolean(workspace.current), version: id => guarded(() => goTo(id)) });
theme(recall("theme", ""));
take("select");
guarded(async () => showExamples((await server.capabilities()).types));
guarded(async () => {
  if (!location.hash.startsWith("#ses_")) return showEarlier();
  await resume(location.hash.slice(1));
  return reattach();
});

export { drawing, marks, stage, views, workspace };
